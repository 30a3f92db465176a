package generate

// condition writes one entry of `when`.
func (w *world) condition(p *policy, f *flow) Doc {
	key, make := w.conditionKey(p, f)
	out := Doc{"key": key}
	switch w.weighted(72, 18, 10) {
	case 0:
		out["values"] = w.list(make)
	case 1:
		out["notValues"] = w.list(make)
	case 2:
		out["values"], out["notValues"] = w.list(make), w.list(make)
	}
	return out
}

func (w *world) conditionKey(p *policy, f *flow) (string, func() string) {
	c := f.caller
	if w.flaw(12, "key") {
		return pick(w.dice, "request.headersX[a]", "foo", "destination.namespace", "request.auth.claims.x[a]", "source.serviceaccount"), func() string { return "x" }
	}
	token, identity := 5.0, 1.0
	if len(w.rules) > 0 {
		token = 26
	}
	if p.action == "CUSTOM" && !w.flaw(20, "CUSTOM identity") {
		token, identity = 0, 0
	}
	header := 30.0
	if f.protocol == "tcp" {
		header = 8
	}
	weights := []float64{header, 7, 6, 8, 3, 7, 2,
		6 * identity, 5 * identity, 4 * identity, 3 * identity, token * 0.5, token * 0.35, token * 0.2, token * 1.6}
	switch w.weighted(weights...) {
	case 0:
		name, value := w.headerOf(f)
		return "request.headers[" + name + "]", func() string { return w.near(value()) }
	case 1:
		return "source.ip", func() string { return w.block(c.ip) }
	case 2:
		return "remote.ip", func() string { return w.block(w.remote(f)) }
	case 3:
		return "destination.port", func() string { return w.portValue(f) }
	case 4:
		return "destination.ip", func() string { return w.block(f.workload.ip) }
	case 5:
		sni := f.sni
		if sni == "" {
			sni = "outbound_.80_._.web.foo.svc.cluster.local"
		}
		return "connection.sni", func() string { return w.near(sni) }
	case 6:
		return pick(w.dice, "experimental.envoy.filters.network.mysql_proxy[db.table]", "experimental.envoy.filters.a.b[c]"), func() string { return pick(w.dice, "x", "[x]", "*", "[*]") }
	case 7:
		return "source.principal", func() string { return w.principal(c) }
	case 8:
		return "source.namespace", func() string { return w.namespaceValue(c) }
	case 9:
		return "source.serviceAccount", func() string { return w.accountValue(c) }
	case 10:
		return "source.trustDomain", func() string { return w.trustDomainValue(c) }
	case 11:
		return "request.auth.principal", w.requestPrincipal
	case 12:
		return "request.auth.audiences", func() string { return w.near(pick(w.dice, "api", "web", "https://api/")) }
	case 13:
		return "request.auth.presenter", func() string { return w.near(pick(w.dice, "web-client", "cli")) }
	}
	return w.claimKey()
}

func (w *world) claimKey() (string, func() string) {
	near := func(values ...string) func() string {
		return func() string { return w.near(pick(w.dice, values...)) }
	}
	switch w.weighted(22, 15, 8, 12, 14, 6, 5, 5, 4, 3, 8, 2) {
	case 0:
		return "request.auth.claims[groups]", near("admin", "dev")
	case 1:
		return "request.auth.claims[scope]", near("read", "write", "read write")
	case 2:
		return "request.auth.claims[permission]", near("read", "admin")
	case 3:
		return "request.auth.claims[team]", near("payments", "Payments", "7", "true")
	case 4:
		return pick(w.dice, "request.auth.claims[realm][role]", "request.auth.claims[realm][roles]"), near("admin", "dev")
	case 5:
		return "request.auth.claims[roles]", near("viewer", "editor", "viewer editor")
	case 6:
		return "request.auth.claims[a.b]", near("dotted")
	case 7:
		return "request.auth.claims[level]", near("7", "1.5")
	case 8:
		return "request.auth.claims[flag]", near("true", "false")
	case 9:
		return "request.auth.claims[realm][deep][x]", near("1")
	case 10:
		return pick(w.dice, "request.auth.claims[sub]", "request.auth.claims[iss]"), near("alice", "bob", "https://a.example")
	}
	return pick(w.dice, "request.auth.claims[a]]", "request.auth.claims[[a]]", "request.auth.claims[realm]"), near("x", "admin")
}
