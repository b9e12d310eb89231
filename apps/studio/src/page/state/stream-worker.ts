/** Worker that all tabs share: it holds the one stream of a browser. */
import { Connection, type StreamMessage } from './connection.ts';

interface SharedScope {
  onconnect: ((event: MessageEvent) => void) | null;
}

const ports = new Set<MessagePort>();
const send = (message: StreamMessage): void => {
  for (const port of ports) port.postMessage(message);
};
const connection = new Connection(new URL('../api/events', self.location.href).href, send);

(self as unknown as SharedScope).onconnect = ({ ports: [port] }) => {
  if (port === undefined) return;
  ports.add(port);
  port.onmessage = ({ data }) => {
    if (data === 'bye') ports.delete(port);
  };
  port.postMessage({ kind: 'status', status: connection.status } satisfies StreamMessage);
};
