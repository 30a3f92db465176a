package generate

import (
	"fmt"
	"strings"
)

// policy is one AuthorizationPolicy as the request side needs it.
type policy struct {
	namespace, name, action string
	labels                  Doc // selector, nil for none
	provider                string
	rules                   []Doc
	idle                    bool // dry-run, or attached to something else
}

// authorize writes AuthorizationPolicies around the flows.
func (w *world) authorize() {
	count := map[string]int{
		"authz": 1 + w.weighted(35, 35, 20, 10),
		"jwt":   w.weighted(25, 45, 30),
		"mtls":  w.weighted(55, 30, 15),
	}[w.kind]
	// What the mesh leans to; a mesh with nothing but ALLOW policies denies the rest.
	allow := float64(pick(w.dice, 75, 60, 45, 20))
	for i := range count {
		f := w.flows[w.IntN(len(w.flows))]
		if i == 0 || w.chance(50) {
			for _, other := range w.flows { // where most is asked
				if other.weight > f.weight {
					f = other
				}
			}
		}
		w.policy(i, f, allow)
	}
	if len(w.providers) > 1 && w.chance(25) { // two providers on one workload
		for i, name := range some(w.dice, 2, w.providers) {
			w.forced = name
			w.policy(count+i, w.flows[0], allow)
		}
		w.forced = ""
	}
}

func (w *world) policy(serial int, f *flow, allow float64) {
	p := &policy{namespace: f.workload.namespace.name, action: "ALLOW", name: fmt.Sprintf("%s-%d", pick(w.dice, "allow", "p", "x.y", "z"), serial)}
	spec := Doc{}
	custom := 0.0
	if len(w.providers) > 0 {
		custom = 18
	} else if w.kind == "authz" {
		custom = 1.5
	}
	action := w.weighted(allow, 100-allow, 6, custom)
	if w.forced != "" {
		action = 3
	}
	switch action {
	case 1:
		p.action = "DENY"
	case 2:
		p.action = "AUDIT"
	case 3:
		p.action = "CUSTOM"
		name := "missing"
		if len(w.providers) > 0 && !w.chance(6) {
			name = w.providers[w.IntN(len(w.providers))]
			if w.chance(55) { // mostly one provider per mesh: two on a workload deny
				name = w.providers[0]
			}
		}
		if w.forced != "" {
			name = w.forced
		}
		p.provider = name
		spec["provider"] = Doc{"name": name}
	}
	if p.action != "ALLOW" || w.chance(60) {
		spec["action"] = p.action
	}
	if w.chance(15) {
		p.namespace = w.root
	} else if w.chance(4) {
		p.namespace = w.namespaces[w.IntN(len(w.namespaces))].name
	}
	w.attach(serial, p, spec, f)
	rules := 1 + w.weighted(45, 25, 15, 10, 5)
	if w.chance(4) { // so many that rule[10] comes before rule[2]
		rules = w.between(11, 13)
		w.note("more than ten rules")
	}
	var list List
	for range rules {
		rule := w.rule(p, f)
		p.rules = append(p.rules, rule)
		list = append(list, rule)
	}
	if p.action == "ALLOW" || p.action == "AUDIT" || w.flaw(25, "no rules") {
		switch {
		case w.chance(2): // a policy without rules
			list, p.rules = nil, nil
		case w.chance(1.5):
			list, p.rules = List{}, nil
		}
	}
	if list != nil {
		spec["rules"] = list
	}
	doc := object("security.istio.io/"+pick(w.dice, "v1", "v1beta1"), "AuthorizationPolicy", p.namespace, p.name, spec)
	if (w.chance(7) || w.flaw(12, "maybe dry-run")) && (p.action == "ALLOW" || p.action == "DENY") {
		value := pick(w.dice, "true", "true", "1", "T", "false", "0", "False")
		if w.flaw(80, "dry-run") {
			value = "maybe"
		}
		doc["metadata"].(Doc)["annotations"] = Doc{"istio.io/dry-run": value}
		p.idle = value == "true" || value == "1" || value == "T"
		w.note("dry-run %s", value)
	}
	if len(spec) == 0 && w.chance(50) {
		delete(doc, "spec")
	}
	w.policies = append(w.policies, p)
	w.add(doc)
}

func (w *world) attach(serial int, p *policy, spec Doc, f *flow) {
	idle := 1.0
	if serial == 0 {
		idle = 0.3
	}
	switch w.weighted(45, 42, 4, 4*idle, 3*idle, idle) {
	case 1:
		p.labels = w.someLabels(f.workload)
	case 2: // selects everything
		spec["selector"] = Doc{"matchLabels": Doc{}}
		return
	case 3:
		p.labels = Doc{"app": pick(w.dice, "nobody", "web", "api"), "tier": "none"}
	case 4:
		spec["targetRefs"] = w.targetRefs(f.workload)
		p.idle = true
	case 5:
		spec["targetRef"] = w.targetRefs(f.workload)[0]
		p.idle = true
	}
	if p.labels != nil {
		spec["selector"] = Doc{"matchLabels": p.labels}
	}
}

// rule writes from, to and when around one flow.
func (w *world) rule(p *policy, f *flow) Doc {
	rule := Doc{}
	if w.chance(3) {
		if w.chance(30) || p.action == "ALLOW" {
			return rule // matches always
		}
	}
	selective := p.action != "ALLOW" && p.action != "AUDIT" && !w.chance(15)
	from := w.chance(map[bool]float64{true: 35, false: 45}[selective])
	to := w.chance(map[bool]float64{true: 80, false: 65}[selective])
	when := w.chance(map[bool]float64{true: 40, false: 38}[selective])
	if selective && !to && !when || !from && !to && !when {
		to = true
	}
	if from {
		var list List
		for range 1 + w.weighted(70, 25, 5) {
			source := w.source(p, f)
			for len(source) == 0 && !w.flaw(50, "empty source") {
				source = w.source(p, f)
			}
			list = append(list, Doc{"source": source})
		}
		rule["from"] = list
	}
	if to {
		var list List
		for range 1 + w.weighted(70, 25, 5) {
			list = append(list, Doc{"operation": w.operation(f, selective)})
		}
		rule["to"] = list
	}
	if when {
		var list List
		for range 1 + w.weighted(75, 20, 5) {
			list = append(list, w.condition(p, f))
		}
		rule["when"] = list
	}
	return rule
}

// list draws one to three values from a maker.
func (w *world) list(make func() string) List {
	var out List
	for range 1 + w.weighted(65, 25, 10) {
		value := make()
		for value == "" {
			value = make()
		}
		if w.flaw(3, "empty value") {
			value = ""
		}
		out = append(out, value)
	}
	return out
}

// pair writes a field, its negative, or both.
func (w *world) pair(into Doc, name string, make func() string) {
	negative := "not" + strings.ToUpper(name[:1]) + name[1:]
	switch w.weighted(80, 14, 6) {
	case 0:
		into[name] = w.list(make)
	case 1:
		into[negative] = w.list(make)
	case 2:
		into[name], into[negative] = w.list(make), w.list(make)
	}
	if w.chance(1) { // the same as none
		if field := pick(w.dice, name, negative); into[field] == nil {
			into[field] = List{}
			w.note("empty list")
		}
	}
}

func (w *world) source(p *policy, f *flow) Doc {
	out := Doc{}
	c := f.caller
	if w.chance(15) {
		c = w.callers[w.IntN(len(w.callers))]
	}
	fields := 1 + w.weighted(75, 22, 3)
	if p.action == "CUSTOM" && !w.flaw(30, "CUSTOM identity") { // identities are refused at admission there
		for range fields {
			if w.chance(60) {
				w.pair(out, "ipBlocks", func() string { return w.block(c.ip) })
			} else {
				w.pair(out, "remoteIpBlocks", func() string { return w.block(w.remote(f)) })
			}
		}
		return out
	}
	jwt := 4.0
	if len(w.rules) > 0 {
		jwt = 30
	}
	short := false
	for range fields {
		switch w.weighted(25, 18, 10, 6, 18, 8, jwt) {
		case 0:
			w.pair(out, "principals", func() string { return w.principal(c) })
		case 1:
			w.pair(out, "namespaces", func() string { return w.namespaceValue(c) })
		case 2:
			short = true
			w.pair(out, "serviceAccounts", func() string { return w.accountValue(c) })
		case 3:
			w.pair(out, "trustDomains", func() string { return w.trustDomainValue(c) })
		case 4:
			w.pair(out, "ipBlocks", func() string { return w.block(c.ip) })
		case 5:
			w.pair(out, "remoteIpBlocks", func() string { return w.block(w.remote(f)) })
		case 6:
			w.pair(out, "requestPrincipals", w.requestPrincipal)
		}
	}
	if short && !w.flaw(20, "accounts and principals") { // not together with principals or namespaces
		for _, name := range []string{"principals", "notPrincipals", "namespaces", "notNamespaces"} {
			delete(out, name)
		}
	}
	return out
}

func (w *world) operation(f *flow, selective bool) Doc {
	out := Doc{}
	tcp := f.protocol == "tcp"
	fields := 1 + w.weighted(65, 30, 5)
	for i := range fields {
		weights := []float64{46, 28, 14, 14}
		if tcp {
			weights = []float64{8, 8, 4, 60}
		} else if selective && i == 0 {
			weights = []float64{75, 10, 10, 5}
		}
		switch w.weighted(weights...) {
		case 0:
			w.pair(out, "paths", w.pathValue)
		case 1:
			w.pair(out, "methods", w.methodValue)
		case 2:
			w.pair(out, "hosts", func() string { return w.near(w.hostOf(f)) })
		case 3:
			w.pair(out, "ports", func() string { return w.portValue(f) })
		}
	}
	return out
}
