package generate

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// settle makes the ground: mesh config, namespaces, workloads, services, and who calls whom.
func (w *world) settle() {
	w.root = "istio-system"
	if w.chance(10) {
		w.root = "mesh-root"
	}
	w.trustDomain = "cluster.local"
	w.v6, w.aged = w.chance(8), w.chance(75)
	w.meshConfig()
	w.makeNamespaces()
	w.makeWorkloads()
	w.makeServices()
	w.makeCallers()
	w.makeFlows()
	w.makeGateway()
	for again := 0; again < 8 && w.kind != "mtls" && !w.telling(); again++ {
		w.flows = nil
		w.makeFlows()
	}
}

func (w *world) meshConfig() {
	config := Doc{}
	if w.chance(35) {
		w.trustDomain = pick(w.dice, "td.example", "mesh.example", "cluster.local", "prod-td")
		config["trustDomain"] = w.trustDomain
	}
	if w.chance(30) {
		for _, alias := range some(w.dice, w.between(1, 2), []string{"old.example", "cluster.local", "other-td", "td1"}) {
			if alias != w.trustDomain {
				w.aliases = append(w.aliases, alias)
			}
		}
		if len(w.aliases) > 0 {
			config["trustDomainAliases"] = texts(w.aliases)
		}
	}
	if w.root != "istio-system" {
		config["rootNamespace"] = w.root
	}
	if w.chance(45) {
		w.normalize = pick(w.dice, "DEFAULT", "BASE", "NONE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES")
		config["pathNormalization"] = Doc{"normalization": w.normalize}
	}
	if off := w.chance(10); off || w.chance(5) {
		config["enableAutoMtls"] = !off
	}
	if w.chance(8) {
		config["defaultConfig"] = Doc{"gatewayTopology": Doc{"numTrustedProxies": w.between(1, 3)}}
	}
	if w.chance(6) {
		w.exportDefault = pick(w.dice, "*", ".")
		config["defaultDestinationRuleExportTo"] = List{w.exportDefault}
	}
	if w.chance(6) {
		config["accessLogFile"] = "/dev/stdout"
	}
	w.extensionProviders(config)
	if len(config) == 0 && w.chance(50) {
		return
	}
	w.add(Doc{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": Doc{"name": "istio", "namespace": "istio-system"},
		"data":     Doc{"mesh": Text{config}},
	})
}

// extensionProviders defines who may answer CUSTOM policies, well and badly.
func (w *world) extensionProviders(config Doc) {
	if w.kind != "authz" && !w.chance(15) || w.chance(40) {
		return
	}
	var list List
	define := func(name string, body Doc) {
		list = append(list, Doc(merged(Doc{"name": name}, body)))
		w.providers = append(w.providers, name)
	}
	target := Doc{"service": "ext-authz.foo.svc.cluster.local", "port": 9000}
	if w.chance(70) {
		grpc := Doc(merged(target, nil))
		if w.chance(30) {
			grpc["failOpen"] = w.chance(70)
		}
		if w.chance(25) {
			grpc["statusOnError"] = pick(w.dice, "403", "401", "503", "500")
		}
		define("authz-grpc", Doc{"envoyExtAuthzGrpc": grpc})
	}
	if w.chance(50) {
		http := Doc(merged(target, Doc{"port": 8000}))
		if w.chance(30) {
			http["failOpen"] = w.chance(70)
		}
		if w.chance(25) {
			http["statusOnError"] = pick(w.dice, "403", "503")
		}
		if w.chance(30) {
			http["pathPrefix"] = "/check"
		}
		if w.chance(40) {
			http["includeRequestHeadersInCheck"] = List{"x-team", "x-a"}
		}
		define("authz-http", Doc{"envoyExtAuthzHttp": http})
	}
	if w.chance(10) {
		define("unknown-service", Doc{"envoyExtAuthzGrpc": Doc{"service": "nowhere.foo.svc.cluster.local", "port": 9000}})
	}
	if w.chance(5) {
		define("bad-status", Doc{"envoyExtAuthzHttp": Doc(merged(target, Doc{"port": 8000, "statusOnError": "999"}))})
	}
	if w.chance(5) {
		define("tracing", Doc{"zipkin": Doc{"service": "ext-authz.foo.svc.cluster.local", "port": 9000}})
	}
	if len(list) > 0 {
		config["extensionProviders"] = list
	}
}

func (w *world) makeNamespaces() {
	names := []string{"foo"}
	names = append(names, some(w.dice, w.between(1, 2), []string{"bar", "team-a", "team-b-prod", "sa", "foobar", "prod"})...)
	for _, name := range names {
		ns := &namespace{name: name}
		labels := Doc{"kubernetes.io/metadata.name": name}
		switch w.weighted(72, 8, 8, 6, 4) {
		case 0:
			labels["istio-injection"] = "enabled"
			ns.inject = true
		case 1:
			labels["istio-injection"] = "disabled"
		case 2:
			labels["istio.io/rev"] = "default"
			ns.inject = true
		case 3: // no label at all
		case 4: // the injection label decides over the revision
			labels["istio-injection"], labels["istio.io/rev"] = "enabled", "default"
			ns.inject = true
		}
		w.namespaces = append(w.namespaces, ns)
		doc := object("v1", "Namespace", "", name, nil)
		doc["metadata"].(Doc)["labels"] = labels
		w.add(doc)
	}
	if w.chance(10) {
		ns := &namespace{name: w.root, inject: true}
		w.namespaces = append(w.namespaces, ns)
		doc := object("v1", "Namespace", "", w.root, nil)
		doc["metadata"].(Doc)["labels"] = Doc{"istio-injection": "enabled"}
		w.add(doc)
		w.note("workloads in the root namespace")
	}
}

func (w *world) address(host int) string {
	if w.v6 {
		return fmt.Sprintf("fd00:10::%x:%x", w.between(1, 3), host)
	}
	return fmt.Sprintf("10.%d.%d.%d", w.between(0, 3), w.between(0, 4), host)
}

func (w *world) makeWorkloads() {
	count := w.between(3, 5)
	names := []string{"web", "api", "db", "client", "batch"}
	for i := range count {
		ns := w.namespaces[w.IntN(len(w.namespaces))]
		if i == 0 {
			ns = w.namespaces[0]
		}
		item := &workload{namespace: ns, name: names[i], ip: w.address(10 + i), account: "default"}
		item.labels = map[string]string{"app": names[i]}
		if w.chance(50) {
			item.labels["version"] = pick(w.dice, "v1", "v2")
		}
		if w.chance(30) {
			item.labels["tier"] = pick(w.dice, "front", "back")
		}
		if w.chance(70) {
			item.account = pick(w.dice, "sa-"+names[i], names[i], "shared", "a")
		}
		item.ports = []containerPort{{"main", pick(w.dice, 8080, 80, 9080)}, {"second", pick(w.dice, 9090, 9000, 3306)}}
		w.workloads = append(w.workloads, item)
		w.add(w.deployment(item))
	}
	if w.chance(10) { // a second version of the first workload, behind the same Service
		first := w.workloads[0]
		twin := &workload{namespace: first.namespace, name: first.name + "-v2", ip: w.address(30), account: pick(w.dice, first.account, "twin"), ports: first.ports}
		twin.labels = map[string]string{"app": first.labels["app"], "version": "v2"}
		w.workloads = append(w.workloads, twin)
		w.add(w.deployment(twin))
		w.note("twin")
	}
}

// behind lists the workloads that a Service for this workload reaches.
func (w *world) behind(item *workload) []*workload {
	var out []*workload
	for _, other := range w.workloads {
		if other.namespace == item.namespace && other.labels["app"] == item.labels["app"] {
			out = append(out, other)
		}
	}
	return out
}

// deployment writes a workload, and decides whether it has a sidecar.
func (w *world) deployment(item *workload) Doc {
	labels := labelDoc(item.labels)
	item.sidecar = item.namespace.inject
	annotations := Doc{}
	if chance := map[bool]float64{true: 10, false: 45}[item.namespace.inject]; w.chance(chance) {
		value := map[bool]string{true: "false", false: "true"}[item.namespace.inject]
		if w.chance(20) {
			value = map[bool]string{true: "true", false: "false"}[item.namespace.inject]
		}
		labels["sidecar.istio.io/inject"] = value
		w.note("inject label %s", value)
		if value == "false" {
			item.sidecar = false
		}
	}
	if w.chance(3) {
		labels["gateway.networking.k8s.io/gateway-name"] = "gw"
		item.labels["gateway.networking.k8s.io/gateway-name"] = "gw"
	}
	if w.chance(2) {
		labels["security.istio.io/tlsMode"] = "disabled"
	}
	if w.chance(4) {
		item.excluded = item.ports[1].number
		annotations["traffic.sidecar.istio.io/excludeInboundPorts"] = strconv.Itoa(item.excluded)
	}
	var ports List
	for _, port := range item.ports {
		ports = append(ports, Doc{"name": port.name, "containerPort": port.number})
	}
	meta := Doc{"labels": labels}
	if len(annotations) > 0 {
		meta["annotations"] = annotations
	}
	pod := Doc{"containers": List{Doc{"name": "app", "image": "example/app:1", "ports": ports}}}
	if item.account != "default" || w.chance(30) {
		pod["serviceAccountName"] = item.account
	}
	if w.chance(1.5) {
		pod["hostNetwork"] = true
		item.sidecar = false
		w.note("host network")
	}
	if w.chance(2) {
		annotations["sidecar.istio.io/inject"] = "false"
		meta["annotations"] = annotations
		w.note("inject annotation")
		if _, labelled := labels["sidecar.istio.io/inject"]; !labelled {
			item.sidecar = false
		}
	}
	if w.chance(5) { // a bare pod
		doc := object("v1", "Pod", item.namespace.name, item.name, pod)
		maps.Copy(doc["metadata"].(Doc), meta)
		return doc
	}
	kind := pick(w.dice, "Deployment", "Deployment", "Deployment", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
	return object("apps/v1", kind, item.namespace.name, item.name, Doc{
		"selector": Doc{"matchLabels": Doc{"app": item.name}},
		"template": Doc{"metadata": meta, "spec": pod},
	})
}

func merged(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

func texts(values []string) List {
	out := List{}
	for _, v := range values {
		out = append(out, v)
	}
	return out
}

func (w *world) namespaceNames() []string {
	var names []string
	for _, ns := range w.namespaces {
		if !slices.Contains(names, ns.name) {
			names = append(names, ns.name)
		}
	}
	return names
}
