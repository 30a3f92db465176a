package generate

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"oracle/scenario"
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

// telling says whether policies have anything to decide: some flow speaks HTTP to a sidecar.
func (w *world) telling() bool {
	return slices.ContainsFunc(w.flows, func(f *flow) bool { return f.protocol != "tcp" && f.workload.sidecar })
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

// naming is one way to declare a port's protocol.
type naming struct {
	name, app, class string
	port             int // 0: any
}

var namings = []naming{
	{"http", "", "http", 0}, {"http", "", "http", 80}, {"http-web", "", "http", 0}, {"http2", "", "http", 0}, {"http2-x", "", "http", 0},
	{"grpc", "", "http", 0}, {"grpc-api", "", "http", 0}, {"grpc-web", "", "http", 0}, {"grpc-web-x", "", "http", 0},
	{"any", "http", "http", 0}, {"tcp-lies", "http", "http", 0}, {"http-lies", "tcp", "tcp", 0}, {"any", "http2", "http", 0},
	{"any", "grpc", "http", 0}, {"any", "HTTP", "http", 0}, {"any", "kubernetes.io/h2c", "http", 0}, {"any", "kubernetes.io/ws", "http", 0},
	{"any", "https", "tcp", 0}, {"any", "mongo", "tcp", 0}, {"any", "example.com/odd", "auto", 0}, {"http", "odd", "auto", 0},
	{"tcp", "", "tcp", 0}, {"tcp-x", "", "tcp", 0}, {"tls", "", "tcp", 0}, {"tls-x", "", "tcp", 0}, {"https", "", "tcp", 0}, {"https-x", "", "tcp", 0},
	{"mongo", "", "tcp", 0}, {"redis", "", "tcp", 0}, {"mysql", "", "tcp", 0}, {"any", "kubernetes.io/wss", "tcp", 0},
	{"web", "", "auto", 0}, {"httpx", "", "auto", 0}, {"", "", "auto", 0}, {"any", "", "auto", 0},
	{"any", "", "tcp", 3306}, {"", "", "tcp", 27017}, {"any", "", "tcp", 25},
}

func (w *world) naming() naming {
	for {
		n := namings[w.IntN(len(namings))]
		if n.class != "tcp" || w.chance(45) {
			return n
		}
	}
}

func (w *world) makeServices() {
	for i, item := range w.workloads[:min(3, len(w.workloads))] {
		if i == 2 && w.chance(50) {
			continue
		}
		w.makeService(item.name, item, Doc{"app": item.name}, w.chance(12))
		if w.chance(7) { // a second Service on the same ports: the older one names the protocol
			w.makeService(item.name+"-again", item, Doc{"app": item.name}, false)
			w.note("two services on a workload")
		}
	}
	if len(w.providers) > 0 {
		w.add(object("v1", "Service", "foo", "ext-authz", Doc{
			"selector": Doc{"app": "ext-authz"},
			"ports":    List{Doc{"name": "grpc", "port": 9000}, Doc{"name": "http", "port": 8000}},
		}))
	}
}

func (w *world) makeService(name string, item *workload, selector Doc, headless bool) {
	s := &service{namespace: item.namespace, name: name, headless: headless, workloads: w.behind(item)}
	var ports List
	count := w.between(1, 2)
	used := map[string]bool{}
	for i := range count {
		n := w.naming()
		for n.name == "" && count > 1 || used[n.name] {
			n = w.naming()
		}
		used[n.name] = true
		container := item.ports[i]
		port := servicePort{name: n.name, class: n.class, target: container.number}
		port.port = pick(w.dice, 80, 8080, 443, 9090)
		if n.port != 0 {
			port.port = n.port
		}
		for _, other := range s.ports {
			for other.port == port.port {
				port.port++
			}
		}
		doc := Doc{"port": port.port}
		if n.name != "" {
			doc["name"] = n.name
		}
		if n.app != "" {
			doc["appProtocol"] = n.app
		}
		if w.chance(20) {
			doc["protocol"] = "TCP"
		}
		switch w.weighted(50, 30, 20) {
		case 0:
			doc["targetPort"] = container.number
		case 1:
			doc["targetPort"] = container.name
		case 2: // none: the service port
			port.target = port.port
		}
		if headless { // the address is the pod's, so no port is translated
			doc["targetPort"] = port.port
			port.target = port.port
		}
		ports = append(ports, doc)
		s.ports = append(s.ports, port)
		w.note("port %s/%s", n.name, n.app)
	}
	spec := Doc{"selector": selector, "ports": ports}
	if headless {
		spec["clusterIP"] = "None"
	}
	doc := object("v1", "Service", item.namespace.name, name, spec)
	w.stamp(doc)
	if w.chance(3) {
		doc["metadata"].(Doc)["annotations"] = Doc{"alpha.istio.io/kubernetes-serviceaccounts": "extra"}
	}
	w.services = append(w.services, s)
	w.add(doc)
}

// makeCallers draws who asks: workloads, accounts, bare certificates, the outside.
func (w *world) makeCallers() {
	yes, no := true, false
	count := w.between(2, 3)
	if w.kind == "mtls" {
		count = w.between(3, 5)
	}
	for i := range count {
		c := &caller{ip: w.address(100 + i)}
		switch choice := w.weighted(45, 18, 12, 10, 15); choice {
		case 0: // a workload of the manifests
			item := w.workloads[w.IntN(len(w.workloads))]
			c.from = &scenario.From{Workload: item.namespace.name + "/" + item.name}
			c.namespace, c.account, c.sidecar = item.namespace.name, item.account, item.sidecar
			c.ip = item.ip
			if c.sidecar {
				c.identity = w.trustDomain + "/ns/" + c.namespace + "/sa/" + c.account
			}
		case 1: // a service account
			ns := w.namespaces[w.IntN(len(w.namespaces))].name
			c.namespace, c.account, c.sidecar = ns, pick(w.dice, "cli", "sa-web", "other"), true
			c.from = &scenario.From{ServiceAccount: ns + "/" + c.account}
			c.identity = w.trustDomain + "/ns/" + ns + "/sa/" + c.account
		case 2, 3: // a name, behind a sidecar or in the hands of a plain client
			c.namespace = w.namespaces[w.IntN(len(w.namespaces))].name
			c.account = pick(w.dice, "cli", "default", "x")
			domain := w.trustDomain
			if w.chance(25) {
				domain = pick(w.dice, append([]string{"foreign.example", "cluster.local"}, w.aliases...)...)
			}
			c.identity = domain + "/ns/" + c.namespace + "/sa/" + c.account
			if w.chance(12) {
				c.identity = domain + pick(w.dice, "/x/ns/foo/sa/bar", "/ns/foo/x/y/sa/cli", "/workload", "/ns/foo/sa/a/b", "/region/eu/ns/bar")
				w.note("odd identity")
			}
			c.sidecar = choice == 2
			c.from = &scenario.From{Principal: "spiffe://" + c.identity, Namespace: c.namespace, Sidecar: &yes}
			if !c.sidecar {
				c.from.Sidecar = &no
			}
		case 4: // outside the mesh
			if w.chance(60) {
				c.from = &scenario.From{}
			} else {
				c.from = &scenario.From{Namespace: w.namespaces[0].name, Sidecar: &no}
			}
		}
		c.from.IP = c.ip
		w.callers = append(w.callers, c)
	}
}

// twice says whether two Services declare the ports of a workload.
func (w *world) twice(item *workload) bool {
	n := 0
	for _, s := range w.services {
		if slices.Contains(s.workloads, item) {
			n++
		}
	}
	return n > 1
}

// makeFlows joins callers and destinations.
func (w *world) makeFlows() {
	count := w.between(2, 4)
	if w.kind == "mtls" {
		count = w.between(6, 10)
	}
	for i := range count {
		f := &flow{caller: w.callers[w.IntN(len(w.callers))], weight: w.Float64() + 0.2}
		s := w.services[0]
		if i > 0 {
			s = w.services[w.IntN(len(w.services))]
		}
		f.service, f.workload = s, s.workloads[w.IntN(len(s.workloads))]
		port := s.ports[w.IntN(len(s.ports))]
		f.port, f.class = port.target, port.class
		f.to = scenario.To{IP: f.workload.ip}
		name := f.workload.namespace.name + "/" + f.workload.name
		switch w.weighted(62, 20, 10, 5) {
		case 0: // through the service
			f.to.Service, f.to.Port = s.name+"."+s.namespace.name, port.port
			if len(s.workloads) > 1 || w.chance(50) {
				f.to.Workload = name
			}
			f.sni = fmt.Sprintf("outbound_.%d_._.%s.%s.svc.cluster.local", port.port, s.name, s.namespace.name)
		case 1: // a pod's port that a service declares
			f.to.Workload, f.to.Port = name, port.target
			f.service = nil
		case 2: // a port nobody declares
			f.to.Workload, f.to.Port = name, pick(w.dice, 9999, 7777, 15000)
			f.port, f.class, f.service = f.to.Port, "auto", nil
			w.note("undeclared port")
		case 3: // the second container port, declared or not
			f.to.Workload, f.to.Port = name, f.workload.ports[1].number
			f.port, f.class, f.service = f.to.Port, "auto", nil
			for _, p := range s.ports {
				if p.target == f.port {
					f.class = p.class
				}
			}
		}
		w.speak(f)
		w.override(f)
		if !f.workload.sidecar || f.port == f.workload.excluded { // nothing decides there
			f.weight /= 6
		}
		w.flows = append(w.flows, f)
	}
}

func (w *world) speak(f *flow) {
	switch f.class {
	case "http":
		f.protocol = []string{"http", "http2", "grpc"}[w.weighted(76, 15, 9)]
	case "tcp":
		f.protocol = []string{"tcp", "http", "http2"}[w.weighted(88, 9, 3)]
		f.weight /= 3
	default:
		f.protocol = []string{"http", "http2", "grpc", "tcp"}[w.weighted(60, 12, 6, 22)]
	}
	if f.protocol == "tcp" && w.twice(f.workload) { // whichever Service wins, HTTP can be asked
		f.protocol = "http"
	}
}

// override replaces the client's side of the connection by a word in the question.
func (w *world) override(f *flow) {
	odds := 4.0
	if w.kind == "mtls" {
		odds = 22
	}
	held := f.caller.identity != "" && !f.caller.sidecar
	switch {
	case held: // a plain client with a certificate says how it uses it
		f.tls = &scenario.TLS{Mode: []string{"mutual", "istio-mutual", "disable", "simple"}[w.weighted(50, 30, 12, 8)]}
		if w.kind != "mtls" && w.chance(70) { // an HTTP port takes no other mTLS unless it is STRICT
			f.tls.Mode = "istio-mutual"
		}
	case !w.chance(odds):
		return
	case f.caller.sidecar:
		f.tls = &scenario.TLS{Mode: pick(w.dice, "auto", "disable", "simple", "istio-mutual", "istio-mutual")}
	default:
		f.tls = &scenario.TLS{Mode: pick(w.dice, "disable", "simple", "auto")}
	}
	if f.tls.Mode != "disable" && f.tls.Mode != "auto" && w.chance(40) {
		f.tls.SNI = pick(w.dice, "web.example", "outbound_.80_._.web.foo.svc.cluster.local", "api.evil")
		f.sni = f.tls.SNI
	}
	if (f.tls.Mode == "simple" || f.tls.Mode == "mutual") && w.chance(40) {
		f.to.App = &scenario.App{TLS: true}
	}
	w.note("tls %s", f.tls.Mode)
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
