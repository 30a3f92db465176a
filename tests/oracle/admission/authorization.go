package admission

func (d *dice) authorizationPolicy() any {
	spec := d.attachment(object{})
	action := pick(d, "ALLOW", "DENY", "AUDIT", "CUSTOM", "DENY", "ALLOW", "")
	if action != "" {
		spec = spec.with("action", d.word(action))
	}
	if (action == "CUSTOM" && !d.chance(d.wrong)) || d.chance(d.wrong/2) {
		spec = spec.with("provider", pick[any](d, object{{"name", d.text(providers)}}, object{{"name", d.text(providers)}}, object{{"name", "opa"}}, d.orElse(object{{"name", "x"}}, object{})))
	}
	if d.chance(d.wrong) || (d.chance(5) && action != "DENY" && action != "CUSTOM") {
		return spec.with("rules", pick[any](d, list{}, plain("null"), plain("~"), list{nil}, object{}, list{list{}}, plain("")))
	}
	rules := list{}
	for range d.weighted(0, 60, 25, 10) {
		rules = append(rules, d.rule(action))
	}
	if d.chance(0.2) {
		for length := pick(d, 512, 513); len(rules) < length; {
			rules = append(rules, object{})
		}
	}
	return spec.with("rules", rules)
}

// orElse is the sound value, or the other one when the document is meant to have mistakes.
func (d *dice) orElse(sound, broken any) any {
	if d.chance(d.wrong) {
		return broken
	}
	return sound
}

// word is a word of an enumeration, or what people write instead.
func (d *dice) word(right string) any {
	if !d.chance(d.wrong) {
		return right
	}
	return pick[any](d, "deny", "Allow", "STRICT ", plain("0"), plain("1"), plain("2"), plain("99"), plain("-1"), plain("1.0"), plain("1.5"), "1", plain("1e0"), plain("null"),
		plain("2147483648"), plain("-2147483649"), true, "", list{right}, plain(right), "UNSET", "DISABLE", "CUSTOM", "UPGRADE", plain("-0"), "null", object{})
}

func (d *dice) rule(action string) any {
	if d.chance(6) {
		return object{}
	}
	out := object{}
	if d.chance(60) {
		from := list{}
		for range d.weighted(3, 60, 20) {
			from = append(from, d.orElse(object{{"source", d.source(action)}}, pick[any](d, object{}, nil, object{{"source", object{}}}, object{{"source", nil}}, d.source(action))))
		}
		out = out.with("from", from)
	}
	if d.chance(50) {
		to := list{}
		for range d.weighted(3, 60, 20) {
			to = append(to, d.orElse(object{{"operation", d.operation()}}, pick[any](d, object{}, nil, object{{"operation", object{}}}, object{{"operation", nil}})))
		}
		out = out.with("to", to)
	}
	if d.chance(40) {
		when := list{}
		for range d.weighted(3, 60, 20) {
			when = append(when, d.condition(action))
		}
		out = out.with("when", when)
	}
	return out
}

func (d *dice) source(action string) any {
	type choice struct {
		name string
		grammar
	}
	free := []choice{{"ipBlocks", addresses}, {"notIpBlocks", addresses}, {"remoteIpBlocks", addresses}, {"notRemoteIpBlocks", addresses}}
	identity := []choice{
		{"principals", principals}, {"notPrincipals", principals}, {"namespaces", namespaces}, {"notNamespaces", namespaces},
		{"requestPrincipals", principals}, {"notRequestPrincipals", principals}, {"trustDomains", trustDomains}, {"notTrustDomains", trustDomains},
	}
	local := []choice{{"serviceAccounts", accounts}, {"notServiceAccounts", accounts}, {"trustDomains", trustDomains}, {"requestPrincipals", principals}}
	choices := free
	if action != "CUSTOM" || d.chance(d.wrong) {
		choices = append(choices, identity...)
		if d.chance(35) {
			choices = append(append([]choice{}, free...), local...)
		}
	}
	out := object{}
	for range d.weighted(0, 60, 30, 10) {
		c := pick(d, choices...)
		out = out.put(c.name, d.texts(c.grammar, 3))
	}
	if d.chance(d.wrong) {
		c := pick(d, append(append([]choice{}, identity...), local...)...)
		out = out.put(c.name, pick[any](d, d.texts(c.grammar, 2), list{}, plain("null")))
	}
	if d.chance(d.wrong / 2) {
		out = object{{pick(d, "serviceAccounts", "notServiceAccounts"), d.orElse(list{"a"}, list{})}, {pick(d, "principals", "notPrincipals", "namespaces", "notNamespaces"), d.orElse(list{"b"}, pick[any](d, list{}, nil))}}
	}
	if d.chance(0.7) {
		many := list{}
		for range pick(d, 16, 17) {
			many = append(many, "a")
		}
		out = object{{pick(d, "serviceAccounts", "notServiceAccounts"), many}}
	}
	return out
}

func (d *dice) operation() any {
	names := []string{"hosts", "notHosts", "methods", "notMethods", "paths", "notPaths", "ports", "notPorts"}
	grammars := []grammar{hosts, hosts, methods, methods, paths, paths, portTexts, portTexts}
	out := object{}
	for range d.weighted(0, 60, 30, 10) {
		i := d.IntN(len(names))
		out = out.put(names[i], d.texts(grammars[i], 3))
	}
	return out
}

func (d *dice) condition(action string) any {
	key := d.text(conditionKeys)
	if action == "CUSTOM" && !d.chance(d.wrong) {
		key = pick(d, "request.headers[x]", "source.ip", "remote.ip", "destination.ip", "destination.port", "connection.sni", "experimental.envoy.filters.a[b]")
	}
	values := anyText
	switch key {
	case "source.ip", "remote.ip", "destination.ip":
		values = addresses
	case "destination.port":
		values = portTexts
	case "source.serviceAccount":
		values = accounts
	case "source.trustDomain":
		values = grammar{append([]string{"td/ns"}, trustDomains.good...), trustDomains.bad}
	case "source.namespace":
		values = namespaces
	}
	out := object{{"key", key}}
	if d.chance(d.wrong) {
		out = pick[object](d, object{}, object{{"key", nil}}, object{{"key", ""}}, object{{"key", d.oddScalar()}})
	}
	switch d.weighted(60, 20, 15, d.wrong) {
	case 0:
		out = out.with("values", d.texts(values, 3))
	case 1:
		out = out.with("notValues", d.texts(values, 3))
	case 2:
		out = out.with("values", d.texts(values, 2)).with("notValues", d.texts(values, 2))
	}
	if key == "source.serviceAccount" && d.chance(4) {
		many := list{}
		for range pick(d, 16, 17) {
			many = append(many, "a")
		}
		out = out.put(pick(d, "values", "notValues"), many)
	}
	return out
}
