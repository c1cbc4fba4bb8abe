// What a program does with any objects, as those of a file: the kinds are discovered.
import * as k8s from '@kubernetes/client-node';

const kc = new k8s.KubeConfig();
kc.loadFromDefault();
const api = k8s.KubernetesObjectApi.makeApiClient(kc);
const tell = (step, got) => console.log(JSON.stringify({ step, got }));

const [website, settings] = k8s.loadAllYaml(`
apiVersion: acme.dev/v1
kind: Website
metadata: {name: tea, namespace: default}
spec: {host: tea.dev}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: default}
data: {a: "1"}
`);
tell('create', (await api.create(website)).spec);
tell('read', (await api.read(website)).metadata.generation);
const strategy = k8s.PatchStrategy.ServerSideApply;
const apply = (object, manager, force) => api.patch(object, undefined, undefined, manager, force, strategy);
tell('apply', (await apply(settings, 'one', false)).metadata.managedFields.map((entry) => entry.operation));
const other = { ...settings, data: { a: '2' } };
await apply(other, 'two', false).catch((error) => tell('conflict', [error.code, JSON.parse(error.body).message]));
tell('force', (await apply(other, 'two', true)).data);
const merge = { ...website, spec: { replicas: 7 } };
const merged = await api.patch(merge, undefined, undefined, undefined, undefined, k8s.PatchStrategy.MergePatch);
tell('patch', merged.spec);
tell('list', (await api.list('acme.dev/v1', 'Website', 'default')).items.length);
tell('delete', (await api.delete(website)).status);

const custom = kc.makeApiClient(k8s.CustomObjectsApi);
const place = { group: 'acme.dev', version: 'v1', namespace: 'default', plural: 'websites' };
await custom.createNamespacedCustomObject({ ...place, body: { ...website, spec: { host: 'a.dev' } } });
const body = [{ op: 'add', path: '/status', value: { phase: 'Ready' } }];
const marked = await custom.patchNamespacedCustomObjectStatus({ ...place, name: 'tea', body });
tell('status', [marked.spec, marked.status]);
tell('custom', (await custom.listNamespacedCustomObject(place)).items.map((item) => item.metadata.name));
