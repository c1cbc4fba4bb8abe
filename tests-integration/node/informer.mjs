// Follows ConfigMaps by an informer, as the examples of the client do, and writes what it sees.
import * as k8s from '@kubernetes/client-node';

const kc = new k8s.KubeConfig();
kc.loadFromDefault();
const core = kc.makeApiClient(k8s.CoreV1Api);
const list = () => core.listNamespacedConfigMap({ namespace: 'default', labelSelector: 'seen=yes' });
const informer = k8s.makeInformer(kc, '/api/v1/namespaces/default/configmaps', list, 'seen=yes');
const tell = (...got) => console.log(JSON.stringify(got));

for (const verb of ['add', 'update', 'delete']) {
  informer.on(verb, (object) => tell(verb, object.metadata.name, object.data ?? null));
}
informer.on('connect', () => tell('connect'));
informer.on('error', (error) => {
  tell('error', `${error}`);
  setTimeout(() => informer.start(), 10);
});
await informer.start();
process.stdin.on('data', async () => {
  await informer.stop();
  tell('stop', informer.list().map((object) => object.metadata.name));
  process.exit();
});
