package generate

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
