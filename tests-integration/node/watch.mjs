// Watches websites, follows a log, and stops both when it is told to.
import { Writable } from 'node:stream';

import * as k8s from '@kubernetes/client-node';

const kc = new k8s.KubeConfig();
kc.loadFromDefault();
const tell = (...got) => console.log(JSON.stringify(got));

const watch = await new k8s.Watch(kc).watch(
  '/apis/acme.dev/v1/websites',
  {},
  (type, object) => tell(type, object.metadata.name, object.metadata.namespace),
  (error) => tell('done', error?.name ?? null),
);
const lines = new Writable({
  write(chunk, _, next) {
    tell('log', `${chunk}`);
    next();
  },
});
lines.on('finish', () => tell('log', null));
await new k8s.Log(kc).log('default', 'web', 'main', lines, { follow: true, tailLines: 1 });
process.stdin.on('data', () => {
  watch.abort();
  process.stdin.destroy();
});
