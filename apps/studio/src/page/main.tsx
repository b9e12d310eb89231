import { render } from 'preact';
import { App } from './app.tsx';
import { startStream } from './state/stream.ts';
import { startTheme } from './state/theme.ts';

startTheme();
startStream();
render(<App />, document.querySelector('#page')!);
