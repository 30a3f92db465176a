package admission

// Document is the text of one generated document. The same seed and number give the same text.
func Document(seed, number uint64) string {
	_, written := document(seed, number)
	return written
}

func document(seed, number uint64) (object, string) {
	d := roll(seed, number)
	t := tree(d)
	return t, styled(t, d)
}

// tree is a document of one of the four kinds: sound, nearly sound, or broken somewhere.
func tree(d *dice) object {
	kind, group, spec := "AuthorizationPolicy", "security.istio.io", d.authorizationPolicy
	versions := []string{"v1", "v1beta1"}
	switch d.weighted(38, 22, 12, 28) {
	case 1:
		kind, spec = "RequestAuthentication", d.requestAuthentication
	case 2:
		kind, spec = "PeerAuthentication", d.peerAuthentication
	case 3:
		kind, group, spec = "DestinationRule", "networking.istio.io", d.destinationRule
		versions = append(versions, "v1alpha3")
	}
	version := pick(d, versions...)
	if d.chance(d.wrong / 6) {
		version = pick(d, "v1alpha1", "v2", "v1alpha3", "V1", "v1/x", "", "v1 ")
	}
	out := object{{"apiVersion", group + "/" + version}, {"kind", kind}, {"metadata", d.metadata(kind)}}
	if !d.chance(1.5) {
		out = append(out, field{"spec", spec()})
	}
	if d.chance(3) {
		out = append(out, field{"status", d.status()})
	}
	if d.wrong > 0 {
		for range d.weighted(60, 30, 10) {
			out = d.mutated(out)
		}
	}
	return out
}

func (d *dice) metadata(kind string) object {
	out := object{}
	if d.chance(4) {
		out = out.with("generateName", d.text(prefixes))
		if d.chance(40) {
			out = out.with("name", d.text(names))
		}
	} else {
		out = out.with("name", d.text(names))
	}
	if d.chance(60) {
		out = out.with("namespace", d.text(spaces))
	}
	if d.chance(6) {
		out = out.with("labels", d.entries(metaKeys, metaValues))
	}
	if d.chance(12) {
		out = out.with("annotations", d.annotations(kind))
	}
	if !d.chance(5) {
		return out
	}
	switch d.IntN(7) {
	case 0:
		return out.with("finalizers", d.texts(finalizers, 3))
	case 1:
		return out.with("creationTimestamp", pick[any](d, d.text(times), plain("null"), plain("2023-05-01T09:30:00Z")))
	case 2:
		return out.with("ownerReferences", d.ownerReferences())
	case 3:
		return out.with("generation", pick[any](d, 5, -1, d.oddScalar(), plain("1.0"), plain("1e3"))).with("uid", pick[any](d, "u", "", 5))
	case 4:
		return out.with("managedFields", list{object{{"manager", "m"}, {"operation", "Apply"}, {"time", d.text(times)}, {"fieldsV1", object{{"f:a", object{}}}}}})
	case 5:
		return out.with(pick(d, "clusterName", "labelz", "Name", "resourceVersion", "selfLink", "deletionGracePeriodSeconds", "deletionTimestamp"), pick[any](d, "5", 5, nil, "2023-05-01T09:30:00Z"))
	default:
		return out.with("annotations", object{{"a", longText(d)}})
	}
}

func longText(d *dice) string {
	out := make([]byte, 262144-1-d.IntN(3)+1)
	for i := range out {
		out[i] = 'a'
	}
	if !d.chance(10) {
		return "short"
	}
	return string(out)
}

func (d *dice) annotations(kind string) any {
	out := object{}
	for range d.IntN(3) {
		if k, ok := d.text(annotationKeys).(string); ok {
			out = out.put(k, d.text(booleans))
		}
	}
	if d.chance(30) && (kind == "AuthorizationPolicy" || d.chance(d.wrong*2)) {
		out = out.put("istio.io/dry-run", d.text(booleans))
	}
	return out
}

func (d *dice) ownerReferences() any {
	out := list{}
	for range d.between(1, 3) {
		owner := object{{"apiVersion", d.text(owners)}, {"kind", pick(d, "Deployment", "Event", "A")}, {"name", pick(d, "a", "b", "a")}, {"uid", pick(d, "u", "u", "")}}
		if d.chance(40) {
			owner = owner.with("controller", pick[any](d, true, true, false, plain("yes")))
		}
		if d.chance(10) {
			owner = owner.with(pick(d, "blockOwnerDeletion", "namespace", "controler"), true)
		}
		out = append(out, owner)
		if d.chance(20) {
			out = append(out, copied(owner))
		}
	}
	return out
}

func (d *dice) status() any {
	return pick[any](d, object{}, 5, nil, list{}, object{{"observedGeneration", "1"}}, object{{"conditions", list{object{{"type", "a"}, {"status", true}}}}},
		object{{"anything", object{{"b", 1}}}}, object{{"conditions", list{object{{"typ", "a"}}}}}, object{{"conditions", object{{"a", 1}}}},
		object{{"validationMessages", list{object{{"type", object{{"code", 5}, {"x", 1}}}}}}}, object{{"conditions", list{nil, list{object{{"a", 1}}}}}},
		object{{"observedGeneration", object{{"a", 1}}}})
}

// put sets a key once.
func (o object) put(key string, value any) object {
	for i, f := range o {
		if f.key == key {
			o[i].value = value
			return o
		}
	}
	return append(o, field{key, value})
}

// entries is a mapping of keys to values.
func (d *dice) entries(keys, values grammar) any {
	out := object{}
	for range d.between(1, 3) {
		k, ok := d.text(keys).(string)
		if !ok {
			k = "app"
		}
		var value any = d.text(values)
		if d.chance(d.wrong) {
			value = pick[any](d, d.oddScalar(), nil, nil, list{"a"}, object{{"a", "b"}})
		}
		out = out.put(k, value)
	}
	return out
}

// selector is that of a policy.
func (d *dice) selector() any {
	if d.chance(8) {
		return pick[any](d, object{}, object{{"matchLabels", object{}}}, object{{"matchLabels", nil}}, object{{"matchLabels", object{{"app", nil}}}}, object{{"matchLabels", object{{"a*", nil}}}})
	}
	return object{{"matchLabels", d.entries(labelKeys, labelValues)}}
}

// attachment adds what a policy is about: a selector, targets or nothing.
func (d *dice) attachment(spec object) object {
	switch d.weighted(40, 35, 8, 12, d.wrong) {
	case 1:
		return spec.with("selector", d.selector())
	case 2:
		return spec.with("targetRef", d.target())
	case 3:
		return spec.with("targetRefs", d.targets())
	case 4:
		spec = spec.with("selector", pick[any](d, d.selector(), object{}, plain("null")))
		return spec.with(pick(d, "targetRef", "targetRefs"), pick[any](d, d.target(), d.targets(), list{}, plain("null"), object{}))
	}
	return spec
}

func (d *dice) targets() any {
	out := list{}
	for range d.weighted(10, 60, 20, 10) {
		out = append(out, d.target())
	}
	if d.chance(2) {
		for len(out) < pick(d, 16, 17) {
			out = append(out, object{{"kind", "Service"}, {"group", ""}, {"name", "a"}})
		}
	}
	return out
}

func (d *dice) target() any {
	pairs := [][2]string{{"", "Service"}, {"core", "Service"}, {"networking.istio.io", "ServiceEntry"}, {"gateway.networking.k8s.io", "Gateway"}, {"gateway.networking.k8s.io", "GatewayClass"}}
	pair := pick(d, pairs...)
	if d.chance(d.wrong) {
		pair = pick(d, [][2]string{{"gateway.networking.k8s.io", "HTTPRoute"}, {"v1", "Service"}, {"", "service"}, {"apps", "Deployment"}, {"a.", "Service"}, {"Core", "Service"}, {"", "-a"}, {"", ""}, {"", "Gateway"}}...)
	}
	out := object{}
	if pair[0] != "" || d.chance(60) {
		out = out.with("group", pair[0])
	}
	out = out.with("kind", pair[1])
	if !d.chance(d.wrong) {
		out = out.with("name", d.text(grammar{[]string{"a", "A b*", "x", longName}, []string{"", longName + "b"}}))
	}
	if d.chance(6) {
		out = out.with("namespace", d.text(grammar{[]string{""}, []string{"shop", " "}}))
	} else if d.chance(d.wrong / 2) {
		out = out.with("namespace", pick(d, "shop", "default", "*"))
	}
	return out
}

var longName = func() string {
	out := make([]byte, 253)
	for i := range out {
		out[i] = 'n'
	}
	return string(out)
}()
