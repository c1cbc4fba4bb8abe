// What a program does with typed objects: each step writes what it has got, as a line of JSON.
import * as k8s from '@kubernetes/client-node';

const kc = new k8s.KubeConfig();
kc.loadFromDefault();
const core = kc.makeApiClient(k8s.CoreV1Api);
const apps = kc.makeApiClient(k8s.AppsV1Api);
const namespace = 'default';
const name = 'web';
const tell = (step, got) => console.log(JSON.stringify({ step, got }));

const labels = { app: name };
const deployment = await apps.createNamespacedDeployment({
  namespace,
  body: {
    metadata: { name, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: 'nginx', ports: [{ containerPort: 80 }] }] },
      },
    },
  },
});
tell('create', [deployment.metadata.creationTimestamp instanceof Date, deployment.spec.strategy.type]);

deployment.spec.replicas = 3;
tell('replace', (await apps.replaceNamespacedDeployment({ namespace, name, body: deployment })).spec.replicas);

const patches = {
  [k8s.PatchStrategy.JsonPatch]: [{ op: 'replace', path: '/spec/replicas', value: 4 }],
  [k8s.PatchStrategy.MergePatch]: { spec: { replicas: 5 } },
  [k8s.PatchStrategy.StrategicMergePatch]: {
    spec: { template: { spec: { containers: [{ name: 'side', image: 'busybox' }] } } },
  },
};
for (const [strategy, body] of Object.entries(patches)) {
  const options = k8s.setHeaderOptions('Content-Type', strategy);
  const { spec } = await apps.patchNamespacedDeployment({ namespace, name, body }, options);
  tell('patch', [spec.replicas, spec.template.spec.containers.map((container) => container.name)]);
}

const scale = await apps.readNamespacedDeploymentScale({ namespace, name });
scale.spec.replicas = 7;
tell('scale', (await apps.replaceNamespacedDeploymentScale({ namespace, name, body: scale })).spec.replicas);

const status = { ...(await apps.readNamespacedDeployment({ namespace, name })), status: { replicas: 7 } };
tell('status', (await apps.replaceNamespacedDeploymentStatus({ namespace, name, body: status })).status.replicas);

for (const number of [1, 2, 3]) {
  const metadata = { generateName: 'part-', labels: { part: `${number}` } };
  await core.createNamespacedConfigMap({ namespace, body: { metadata, data: { number: `${number}` } } });
}
const first = await core.listNamespacedConfigMap({ namespace, labelSelector: 'part', limit: 2 });
const _continue = first.metadata._continue;
const rest = await core.listNamespacedConfigMap({ namespace, labelSelector: 'part', limit: 2, _continue });
tell('list', [first, rest].map((list) => list.items.length));
await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'part in (1, 2)' });
const { items } = await core.listConfigMapForAllNamespaces({ labelSelector: 'part' });
tell('delete collection', items.map((item) => item.data.number));

const gone = await apps.deleteNamespacedDeployment({ namespace, name, propagationPolicy: 'Foreground' });
tell('delete', gone.kind ?? gone.status);
const text = { name: 'secret', namespace };
await core.createNamespacedSecret({ namespace, body: { metadata: text, stringData: { key: 'value' } } });
tell('secret', (await core.readNamespacedSecret(text)).data);
