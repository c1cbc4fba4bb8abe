// What a program is told when it is refused.
import * as k8s from '@kubernetes/client-node';

const kc = new k8s.KubeConfig();
kc.loadFromDefault();
const core = kc.makeApiClient(k8s.CoreV1Api);
const namespace = 'default';

async function tell(promise) {
  try {
    await promise;
  } catch (error) {
    const { kind, reason, message } = JSON.parse(error.body);
    console.log(JSON.stringify({ class: error.constructor.name, code: error.code, kind, reason, message }));
  }
}

const settings = { metadata: { name: 'settings' }, data: { a: '1' } };
const made = await core.createNamespacedConfigMap({ namespace, body: settings });
await tell(core.readNamespacedPod({ namespace, name: 'absent' }));
await tell(core.createNamespacedConfigMap({ namespace, body: settings }));
await tell(core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'No Name' } } }));
await core.replaceNamespacedConfigMap({ namespace, name: 'settings', body: { ...made, data: { a: '2' } } });
await tell(core.replaceNamespacedConfigMap({ namespace, name: 'settings', body: { ...made, data: { a: '3' } } }));
await tell(core.listNamespacedPod({ namespace, labelSelector: 'a==b==c' }));
await tell(core.createNamespacedConfigMap({ namespace: 'nowhere', body: settings }));
