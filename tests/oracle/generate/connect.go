package generate

import (
	"fmt"
)

var modes = []string{"STRICT", "PERMISSIVE", "DISABLE", "UNSET"}

func (w *world) mtls() any {
	if w.chance(5) {
		return Doc{} // the same as UNSET
	}
	return Doc{"mode": modes[w.weighted(45, 25, 20, 10)]}
}

// secure writes PeerAuthentication at three levels, with namesakes and objects that never count.
func (w *world) secure() {
	scale := 0.25
	if w.kind == "mtls" {
		scale = 1
	}
	serial := 0
	write := func(namespace string, spec Doc) {
		serial++
		doc := object("security.istio.io/"+pick(w.dice, "v1", "v1beta1"), "PeerAuthentication", namespace, fmt.Sprintf("pa-%c%d", 'a'+w.IntN(3), serial), spec)
		w.stamp(doc)
		w.add(doc)
	}
	level := func(odds float64, make func()) {
		for w.chance(odds * scale) {
			make()
			odds = 25
		}
	}
	unselected := func() Doc {
		spec := Doc{}
		if w.chance(85) {
			spec["mtls"] = w.mtls()
		}
		if w.chance(10) {
			spec["selector"] = Doc{"matchLabels": Doc{}}
		}
		return spec
	}
	level(40, func() { write(w.root, unselected()) })
	for _, ns := range w.namespaces {
		if ns.name != w.root {
			level(35, func() { write(ns.name, unselected()) })
		}
	}
	for i, item := range w.workloads {
		if item.namespace.name == w.root || i > 2 {
			continue
		}
		level(45, func() { write(item.namespace.name, w.workloadMTLS(item)) })
	}
	level(10, func() { // a selector in the root namespace selects nothing
		write(w.root, Doc{"selector": Doc{"matchLabels": labelDoc(w.workloads[0].labels)}, "mtls": w.mtls()})
	})
	level(8, func() {
		write(w.namespaces[0].name, Doc{"selector": Doc{"matchLabels": Doc{"app": "nobody"}}, "mtls": w.mtls()})
	})
}

func (w *world) workloadMTLS(item *workload) Doc {
	spec := Doc{"selector": Doc{"matchLabels": w.someLabels(item)}}
	if w.chance(75) {
		spec["mtls"] = w.mtls()
	}
	if w.chance(50) {
		ports := Doc{}
		for range w.between(1, 2) {
			number := item.ports[w.IntN(2)].number
			switch w.weighted(60, 20, 20) {
			case 1:
				number = pick(w.dice, 80, 9999, 7777)
			case 2:
				for _, s := range w.services {
					if s.workloads[0] == item {
						number = pick(w.dice, s.ports[0].port, s.ports[0].target)
					}
				}
			}
			ports[fmt.Sprint(number)] = w.mtls()
		}
		spec["portLevelMtls"] = ports
	}
	return spec
}

// someLabels selects a workload by one or more of its labels.
func (w *world) someLabels(item *workload) Doc {
	out := Doc{"app": item.labels["app"]}
	for _, name := range []string{"tier", "version"} {
		if value, ok := item.labels[name]; ok && w.chance(30) {
			out[name] = value
			if w.chance(40) {
				delete(out, "app")
			}
		}
	}
	return out
}

// route writes DestinationRules at every place a client looks, and a Sidecar now and then.
func (w *world) route() {
	odds := 15.0
	if w.kind == "mtls" {
		odds = 75
	}
	if w.chance(odds) {
		for i := range w.between(1, 4) {
			w.destinationRule(i)
		}
		w.subsetsForFlows()
	}
	if w.chance(3) {
		w.sidecarIngress()
	}
}

func (w *world) destinationRule(serial int) {
	s := w.services[w.IntN(len(w.services))]
	namespace := []string{s.namespace.name, w.namespaces[w.IntN(len(w.namespaces))].name, w.root}[w.weighted(45, 35, 20)]
	for _, f := range w.flows {
		if f.service != nil && w.chance(50) {
			s = f.service
			namespace = pick(w.dice, s.namespace.name, s.namespace.name, f.caller.namespace, w.root)
			break
		}
	}
	if namespace == "" {
		namespace = w.root
	}
	fqdn := s.name + "." + s.namespace.name + ".svc.cluster.local"
	host := []string{fqdn, s.name, s.name + "." + s.namespace.name, "*." + s.namespace.name + ".svc.cluster.local", "*.cluster.local", "*.local", "*"}[w.weighted(50, 18, 4, 12, 6, 5, 5)]
	spec := Doc{"host": host}
	if w.chance(85) {
		spec["trafficPolicy"] = w.trafficPolicy(s, true)
	}
	if w.chance(35) {
		var subsets List
		for _, name := range some(w.dice, w.between(1, 2), []string{"v1", "v2"}) {
			subset := Doc{"name": name, "labels": Doc{"version": name}}
			if w.chance(30) {
				delete(subset, "labels")
			}
			if w.chance(60) {
				subset["trafficPolicy"] = w.trafficPolicy(s, false)
			}
			subsets = append(subsets, subset)
		}
		spec["subsets"] = subsets
	}
	if w.chance(25) {
		spec["exportTo"] = []List{{"."}, {"*"}, {w.namespaces[w.IntN(len(w.namespaces))].name}, {".", w.namespaces[0].name}}[w.IntN(4)]
		if namespace == w.namespaces[0].name && len(spec["exportTo"].(List)) > 1 {
			spec["exportTo"] = List{".", w.namespaces[1].name}
		}
	} else if w.chance(8) {
		spec["workloadSelector"] = Doc{"matchLabels": Doc{"app": w.workloads[w.IntN(len(w.workloads))].labels["app"]}}
	}
	doc := object("networking.istio.io/"+pick(w.dice, "v1", "v1beta1", "v1alpha3"), "DestinationRule", namespace, fmt.Sprintf("dr-%c%d", 'a'+w.IntN(3), serial), spec)
	w.stamp(doc)
	w.add(doc)
}

func (w *world) trafficPolicy(s *service, top bool) Doc {
	out := Doc{}
	if w.chance(70) {
		out["tls"] = w.clientTLS()
	}
	if w.chance(25) {
		entry := Doc{"port": Doc{"number": s.ports[w.IntN(len(s.ports))].port}}
		if w.chance(15) {
			entry["port"] = Doc{"number": s.ports[0].target}
		}
		if w.chance(60) {
			entry["tls"] = w.clientTLS()
		} else {
			entry["loadBalancer"] = Doc{"simple": "ROUND_ROBIN"}
		}
		out["portLevelSettings"] = List{entry}
	}
	if len(out) == 0 || w.chance(10) {
		out["loadBalancer"] = Doc{"simple": pick(w.dice, "LEAST_REQUEST", "RANDOM")}
		if top && w.chance(5) {
			out["loadBalancer"] = Doc{"simple": "PASSTHROUGH"}
		}
	}
	return out
}

func (w *world) clientTLS() Doc {
	mode := []string{"DISABLE", "ISTIO_MUTUAL", "SIMPLE"}[w.weighted(38, 45, 17)]
	tls := Doc{"mode": mode}
	switch {
	case mode == "ISTIO_MUTUAL" && w.chance(20):
		item := w.workloads[0]
		tls["subjectAltNames"] = List{"spiffe://" + pick(w.dice, w.trustDomain, "cluster.local") + "/ns/" + item.namespace.name + "/sa/" + pick(w.dice, item.account, "other")}
	case mode == "ISTIO_MUTUAL" && w.chance(20):
		tls["sni"] = "sni.example"
	case mode == "SIMPLE" && w.chance(50):
		tls["insecureSkipVerify"] = true
	}
	return tls
}

// subsetsForFlows sends some requests through a subset that the client is sure to know.
func (w *world) subsetsForFlows() {
	for _, f := range w.flows {
		if f.service == nil || f.to.Service == "" || !f.caller.sidecar || w.exportDefault != "" || !w.chance(75) {
			continue
		}
		if name := w.subset(f); name != "" {
			f.to.Subset = name
			f.sni = fmt.Sprintf("outbound_.%d_.%s_.%s.%s.svc.cluster.local", f.to.Port, name, f.service.name, f.service.namespace.name)
			w.note("subset")
		}
	}
}

// subset names a subset that reaches the flow's workload, if the rules for its host leave no doubt.
func (w *world) subset(f *flow) string {
	host := f.service.name + "." + f.service.namespace.name + ".svc.cluster.local"
	found := ""
	for _, doc := range w.docs {
		if doc["kind"] != "DestinationRule" {
			continue
		}
		spec := doc["spec"].(Doc)
		namespace := doc["metadata"].(Doc)["namespace"]
		if spec["workloadSelector"] != nil || namespace == f.caller.namespace && namespace != f.service.namespace.name {
			return ""
		}
		if namespace != f.service.namespace.name || spec["host"] != host && spec["host"] != f.service.name {
			continue
		}
		if spec["exportTo"] != nil {
			return ""
		}
		list, _ := spec["subsets"].(List)
		for _, item := range list {
			labels, _ := item.(Doc)["labels"].(Doc)
			if labels == nil || labels["version"] == f.workload.labels["version"] {
				found = item.(Doc)["name"].(string)
			}
		}
	}
	return found
}

// sidecarIngress lists the ports of a workload by hand: they, and no Service's, are declared.
func (w *world) sidecarIngress() {
	item := w.workloads[0]
	w.add(object("networking.istio.io/v1", "Sidecar", item.namespace.name, "ingress", Doc{
		"workloadSelector": Doc{"labels": Doc{"app": item.labels["app"]}},
		"ingress": List{Doc{
			"port":            Doc{"number": item.ports[0].number, "protocol": pick(w.dice, "HTTP", "TCP", "GRPC"), "name": "listed"},
			"defaultEndpoint": "127.0.0.1:8080",
		}},
		"egress": List{Doc{"hosts": List{"*/*"}}},
	}))
	for _, f := range w.flows {
		if f.workload == item {
			f.class = "auto"
			if f.protocol == "tcp" && f.port == item.ports[0].number {
				f.protocol = "http"
			}
		}
	}
}
