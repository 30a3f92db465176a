package generate

import (
	"fmt"
	"slices"

	"oracle/scenario"
)

// telling says whether policies have anything to decide: some flow speaks HTTP to a sidecar.
func (w *world) telling() bool {
	return slices.ContainsFunc(w.flows, func(f *flow) bool { return f.protocol != "tcp" && f.workload.sidecar })
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

// twice says whether the port of a workload is declared more than once, perhaps with two protocols.
func (w *world) twice(item *workload, port int) bool {
	n := 0
	for _, s := range w.services {
		for _, p := range s.ports {
			if p.target == port && slices.Contains(s.workloads, item) {
				n++
			}
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
	if f.protocol == "tcp" && w.twice(f.workload, f.port) { // whichever declaration wins, HTTP can be asked
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
