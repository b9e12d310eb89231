import { render } from 'preact';
import { App } from './app.tsx';
import { hideToken } from './state/address.ts';
import { startStream } from './state/stream.ts';
import { startTheme } from './state/theme.ts';

hideToken();
startTheme();
startStream();
render(<App />, document.querySelector('#page')!);
