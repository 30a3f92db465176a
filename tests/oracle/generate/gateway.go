package generate

import (
	"fmt"

	"oracle/scenario"
)

// makeGateway puts an ingress gateway into a few meshes: no PeerAuthentication binds it, and it
// counts trusted proxies.
func (w *world) makeGateway() {
	if w.kind == "jwt" && !w.chance(4) || w.kind != "jwt" && !w.chance(8) {
		return
	}
	home := w.namespaces[w.IntN(len(w.namespaces))]
	item := &workload{
		namespace: home, name: "ingress", ip: w.address(40), account: "ingress", sidecar: true,
		labels: map[string]string{"app": "ingress", "istio": "ingressgateway"},
		ports:  []containerPort{{"main", 8080}, {"second", 8443}},
	}
	labels := labelDoc(item.labels)
	labels["sidecar.istio.io/inject"] = "true"
	w.workloads = append(w.workloads, item)
	w.add(object("apps/v1", "Deployment", home.name, "ingress", Doc{
		"selector": Doc{"matchLabels": Doc{"app": "ingress"}},
		"template": Doc{
			"metadata": Doc{"labels": labels, "annotations": Doc{"inject.istio.io/templates": "gateway"}},
			"spec":     Doc{"serviceAccountName": "ingress", "containers": List{Doc{"name": "istio-proxy", "image": "auto"}}},
		},
	}))
	w.add(object("v1", "Service", home.name, "ingress", Doc{
		"type": "LoadBalancer", "selector": Doc{"app": "ingress"},
		"ports": List{Doc{"name": "http", "port": 80, "targetPort": 8080}},
	}))
	w.add(object("networking.istio.io/"+pick(w.dice, "v1", "v1beta1", "v1alpha3"), "Gateway", home.name, "entry", Doc{
		"selector": Doc{"istio": "ingressgateway"},
		"servers":  List{Doc{"port": Doc{"number": 80, "name": "http", "protocol": pick(w.dice, "HTTP", "HTTP", "HTTP2")}, "hosts": List{"*"}}},
	}))
	s := &service{namespace: home, name: "ingress", ports: []servicePort{{"http", 80, 8080, "http"}}, workloads: []*workload{item}}
	for range w.between(1, 2) {
		f := &flow{caller: w.callers[w.IntN(len(w.callers))], workload: item, service: s, port: 8080, class: "http", gateway: true, weight: w.Float64() + 0.3}
		f.protocol = pick(w.dice, "http", "http", "http", "http2")
		f.to = scenario.To{Service: "ingress." + home.name, Port: 80, IP: item.ip}
		if w.chance(40) {
			f.to = scenario.To{Workload: fmt.Sprintf("%s/ingress", home.name), Port: 8080, IP: item.ip}
			f.service = nil
		}
		w.flows = append(w.flows, f)
	}
	w.note("gateway")
}
