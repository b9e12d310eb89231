import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { DemoOf } from '../page/demo/demo-view.tsx';
import { type SiteRun, siteRuns, siteSource } from '../page/demo/sources.ts';
import './site.css';

/** Number of the run in the address, `#2`: a link opens the same demo. */
function chosenRun(count: number): number {
  const number = Number(location.hash.slice(1));
  return Number.isInteger(number) && number >= 1 && number <= count ? number - 1 : 0;
}

function Site() {
  const [runs, setRuns] = useState<readonly SiteRun[]>([]);
  const [chosen, setChosen] = useState(0);
  const [error, setError] = useState('');
  useEffect(() => {
    siteRuns().then(
      (found) => {
        setRuns(found);
        setChosen(chosenRun(found.length));
      },
      (cause: unknown) => {
        setError((cause as Error).message);
      },
    );
  }, []);
  useEffect(() => {
    const follow = (): void => {
      setChosen(chosenRun(runs.length));
    };
    addEventListener('hashchange', follow);
    return () => {
      removeEventListener('hashchange', follow);
    };
  }, [runs]);
  const run = runs[chosen];
  return (
    <>
      <h1>Networks to try</h1>
      {runs.length > 1 && (
        <nav aria-label="Networks">
          {runs.map(({ system, name, folder }, index) => (
            <a key={folder} href={`#${index + 1}`} aria-current={index === chosen ? 'page' : undefined}>
              {system} <small>{name}</small>
            </a>
          ))}
        </nav>
      )}
      {error !== '' && <p role="alert">{error}</p>}
      {run !== undefined && <DemoOf key={run.folder} find={() => siteSource(run)} />}
    </>
  );
}

render(<Site />, document.getElementById('site')!);
