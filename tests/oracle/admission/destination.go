package admission

func (d *dice) destinationRule() any {
	spec := object{}
	if !d.chance(d.wrong / 3) {
		spec = spec.with("host", d.text(destinations))
	}
	if d.chance(70) {
		spec = spec.with("trafficPolicy", d.trafficPolicy(true))
	}
	if d.chance(40) {
		subsetList := list{}
		used := map[any]bool{}
		for range d.between(1, 3) {
			name := d.text(subsets)
			if used[name] && !d.chance(d.wrong) {
				continue
			}
			used[name] = true
			subset := object{{"name", name}}
			if d.chance(80) {
				subset = subset.with("labels", d.entries(subsetKeys, subsetValues))
			}
			if d.chance(30) {
				subset = subset.with("trafficPolicy", d.trafficPolicy(true))
			}
			subsetList = append(subsetList, d.orElse(subset, pick[any](d, nil, object{}, subset, object{{"name", nil}}, object{{"labels", object{{"a", "b"}}}})))
		}
		spec = spec.with("subsets", subsetList)
	}
	if d.chance(20) {
		spec = spec.with("exportTo", d.exportTo())
	}
	if d.chance(8) {
		spec = spec.with("workloadSelector", d.selector())
	}
	return spec
}

func (d *dice) exportTo() any {
	if d.chance(d.wrong * 2) {
		return pick[any](d, d.texts(exports, 4), list{"*", "shop"}, list{".", "default"}, list{".", "."}, list{"shop", "shop"}, list{"~"}, list{nil}, list{"*", "*"}, list{"Shop", "shop"})
	}
	return pick[any](d, list{"."}, list{"*"}, list{"shop"}, list{".", "prod"}, list{}, list{"default"}, list{".", "default"}, list{"shop", "prod", "a-b"})
}

func (d *dice) trafficPolicy(top bool) any {
	out := object{}
	settings := []func() field{
		func() field { return field{"connectionPool", d.connectionPool()} },
		func() field { return field{"outlierDetection", d.outlierDetection()} },
		func() field { return field{"loadBalancer", d.loadBalancer()} },
		func() field { return field{"tls", d.clientTLS()} },
	}
	if top {
		settings = append(settings,
			func() field { return field{"portLevelSettings", d.portLevelSettings()} },
			func() field { return field{"tunnel", d.tunnel()} },
			func() field {
				return field{"proxyProtocol", d.orElse(object{{"version", d.word(pick(d, "V1", "V2"))}}, pick[any](d, object{}, object{{"version", plain("2")}}, object{{"version", plain("1")}}))}
			},
			func() field { return field{"retryBudget", d.retryBudget()} },
		)
	}
	for range d.weighted(d.wrong/10, 70, 25, 5) {
		f := pick(d, settings...)()
		if (f.key == "proxyProtocol" && out.get("tunnel") != nil || f.key == "tunnel" && out.get("proxyProtocol") != nil) && !d.chance(d.wrong) {
			continue
		}
		out = out.put(f.key, f.value)
	}
	return d.orElse(out, pick[any](d, out, out, object{}, plain("null"), list{}))
}

// number is a whole number of a field, or one that does not fit.
func (d *dice) number(low, high int) any {
	if d.chance(d.wrong) {
		return pick[any](d, d.oddScalar(), -1, low-1, high+1, "5", nil)
	}
	return pick[any](d, low, high, d.between(low, high), d.between(low, high), plain("5.0"))
}

func (d *dice) flag() any {
	return d.orElse(pick[any](d, true, false, plain("yes"), plain("null")), d.oddScalar())
}

func (d *dice) connectionPool() any {
	const most = 1<<31 - 1
	out := object{}
	if d.chance(60) {
		tcp := object{}
		fields := []func() field{
			func() field { return field{"maxConnections", d.number(0, most)} },
			func() field { return field{"connectTimeout", d.text(durations)} },
			func() field { return field{"idleTimeout", d.text(laxDurations)} },
			func() field { return field{"maxConnectionDuration", d.text(durations)} },
			func() field {
				return field{"tcpKeepalive", object{{"time", d.text(durations)}, {"interval", d.text(durations)}, {"probes", d.number(0, 1<<32-1)}}}
			},
		}
		for range d.weighted(5, 60, 30) {
			f := pick(d, fields...)()
			tcp = tcp.put(f.key, f.value)
		}
		out = out.with("tcp", tcp)
	}
	if len(out) == 0 || d.chance(50) {
		http := object{}
		fields := []func() field{
			func() field {
				return field{pick(d, "http1MaxPendingRequests", "http2MaxRequests", "maxRequestsPerConnection", "maxRetries", "maxConcurrentStreams"), d.number(0, most)}
			},
			func() field { return field{"idleTimeout", d.text(durations)} },
			func() field { return field{"h2UpgradePolicy", d.word(pick(d, "DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"))} },
			func() field { return field{"useClientProtocol", d.flag()} },
			func() field {
				return field{"http2KeepAlive", d.orElse(object{{"interval", d.text(durations)}, {"timeout", d.text(durations)}}, pick[any](d, object{}, object{{"interval", "5s"}}, object{{"timeout", "5s"}}))}
			},
		}
		for range d.weighted(5, 50, 30, 15) {
			f := pick(d, fields...)()
			http = http.put(f.key, f.value)
		}
		out = out.with("http", http)
	}
	return d.orElse(out, pick[any](d, object{}, out, plain("null")))
}

func (d *dice) outlierDetection() any {
	out := object{}
	fields := []func() field{
		func() field {
			return field{pick(d, "consecutive5xxErrors", "consecutiveGatewayErrors"), d.number(0, 1<<32-1)}
		},
		func() field { return field{"consecutiveErrors", d.number(-(1 << 31), 1<<31-1)} },
		func() field { return field{"consecutiveLocalOriginFailures", d.number(0, 5)} },
		func() field { return field{"splitExternalLocalOriginErrors", d.flag()} },
		func() field { return field{pick(d, "baseEjectionTime", "interval"), d.text(durations)} },
		func() field { return field{pick(d, "maxEjectionPercent", "minHealthPercent"), d.number(0, 100)} },
		func() field {
			return field{"outlierDetectionHttpErrorCodes", list{d.number(100, 599)}}
		},
	}
	for range d.weighted(5, 40, 30, 25) {
		f := pick(d, fields...)()
		out = out.put(f.key, f.value)
		if f.key == "consecutiveLocalOriginFailures" && !d.chance(d.wrong) {
			out = out.put("splitExternalLocalOriginErrors", true)
		}
	}
	return out
}

func (d *dice) loadBalancer() any {
	out := object{}
	switch d.weighted(40, 40, 20) {
	case 0:
		out = out.with("simple", d.word(pick(d, "UNSPECIFIED", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "ROUND_ROBIN", "LEAST_REQUEST")))
	case 1:
		out = out.with("consistentHash", d.consistentHash())
	}
	if d.chance(d.wrong) {
		out = out.put(pick(d, "simple", "consistentHash"), pick[any](d, "RANDOM", d.consistentHash(), object{}, plain("null")))
	}
	switch d.weighted(60, 25, 12, d.wrong/2) {
	case 1:
		out = out.with("localityLbSetting", d.localities(true))
	case 2:
		out = out.with("zoneAwareLbSetting", d.localities(false))
	case 3:
		out = out.with("zoneAwareLbSetting", d.localities(false)).with("localityLbSetting", d.localities(true))
	}
	if d.chance(10) {
		out = out.with("warmupDurationSecs", d.orElse(d.text(durations), d.oddScalar()))
	}
	if d.chance(20) {
		warmup := object{{"duration", d.text(durations)}}
		if d.chance(40) {
			warmup = warmup.with("minimumPercent", d.orElse(pick[any](d, 0, 100, plain("5.5"), plain("null")), pick[any](d, 101, -1, plain("100.1"), "5")))
		}
		if d.chance(40) {
			warmup = warmup.with("aggression", d.orElse(pick[any](d, 1, plain("0.5"), plain("null"), plain("1e30")), pick[any](d, 0, -1, plain("0.0"), "1", plain("-0.5"), plain(".inf"))))
		}
		out = out.with("warmup", d.orElse(warmup, pick[any](d, object{}, object{{"minimumPercent", 5}}, warmup)))
	}
	return out
}

func (d *dice) consistentHash() any {
	out := object{}
	switch d.weighted(30, 15, 15, 25, 10) {
	case 0:
		out = out.with("httpHeaderName", d.text(anyText))
	case 1:
		out = out.with("useSourceIp", d.flag())
	case 2:
		out = out.with("httpQueryParameterName", d.text(anyText))
	case 3:
		out = out.with("httpCookie", d.cookie())
	}
	if d.chance(d.wrong) {
		out = out.put(pick(d, "httpHeaderName", "httpQueryParameterName", "useSourceIp", "httpCookie"), pick[any](d, "a", true, object{{"name", "a"}}, plain("null"), object{}))
	}
	ring := func() any {
		return object{{"minimumRingSize", d.orElse(pick[any](d, 0, 1024, plain("9223372036854775807")), pick(d, d.oddScalar(), any(-1)))}}
	}
	maglev := func() any {
		return d.orElse(object{{"tableSize", pick[any](d, 65537, 2, 3, 5000011-42, 4999999)}}, pick[any](d, object{{"tableSize", 0}}, object{{"tableSize", 4}}, object{{"tableSize", 5000011}}, object{{"tableSize", 1}}, object{}, object{{"tableSize", d.oddScalar()}}, object{{"tableSize", 9}}, object{{"tableSize", 25}}))
	}
	switch d.weighted(55, 15, 15, 10, d.wrong) {
	case 1:
		out = out.with("ringHash", ring())
	case 2:
		out = out.with("maglev", maglev())
	case 3:
		out = out.with("minimumRingSize", d.orElse(pick[any](d, 0, 1024), d.oddScalar()))
	case 4:
		out = out.with("minimumRingSize", pick[any](d, 0, 5, "5")).with(pick(d, "ringHash", "maglev"), pick(d, ring(), maglev()))
		if d.chance(40) {
			out = out.put("maglev", maglev()).put("ringHash", ring())
		}
	}
	return out
}

func (d *dice) cookie() any {
	out := object{{"name", d.text(someWords)}}
	if d.chance(40) {
		out = out.with("ttl", d.text(grammar{append([]string{"0s"}, durations.good...), durations.bad}))
	}
	if d.chance(30) {
		out = out.with("path", d.text(anyText))
	}
	if d.chance(40) {
		attributes := list{}
		used := map[any]bool{}
		for range d.between(1, 3) {
			name := d.text(someWords)
			if used[name] && !d.chance(d.wrong) {
				continue
			}
			used[name] = true
			attributes = append(attributes, d.orElse(object{{"name", name}, {"value", d.text(anyText)}}, pick[any](d, object{}, nil, object{{"value", "a"}})))
		}
		out = out.with("attributes", attributes)
	}
	return d.orElse(out, pick[any](d, object{}, object{{"ttl", "0s"}}, out))
}

func (d *dice) localities(whole bool) any {
	out := object{}
	if d.chance(30) {
		out = out.with("enabled", d.flag())
	}
	kinds := []float64{30, 30, 30}
	if !whole {
		kinds[0] = d.wrong / 4
	}
	switch d.weighted(kinds...) {
	case 0:
		out = out.with("distribute", d.distribute())
	case 1:
		failover := list{}
		for range d.between(1, 2) {
			from, to := d.text(regions), d.text(regions)
			failover = append(failover, d.orElse(object{{"from", from}, {"to", to}}, pick[any](d, object{}, nil, object{{"from", "eu"}, {"to", "eu"}}, object{{"from", "eu"}}, object{{"to", "eu"}})))
		}
		out = out.with("failover", failover)
	case 2:
		out = out.with("failoverPriority", d.texts(topologies, 3))
	}
	if d.chance(d.wrong) {
		out = out.put("failover", list{object{{"from", "eu"}, {"to", "asia"}}})
	}
	if !whole && d.chance(40) {
		out = out.with("minClusterSize", d.number(1, 1<<32-1))
	}
	return out
}

// distribute keeps to what istiod answers the same way each time: overlapping localities in `to` are judged in the order of a map.
func (d *dice) distribute() any {
	out := list{}
	for i := range d.between(1, 2) {
		from := d.orElse(pick(d, []string{"us-west/zone1/*", "us-west/*", "us-west/zone1/a"}[i%3], []string{"eu", "asia/*", "us-east/a/b"}[i%3]), d.text(localities))
		shares := pick(d, []int{100}, []int{80, 20}, []int{1, 99}, []int{50, 25, 25})
		if d.chance(d.wrong) {
			shares = pick(d, []int{0, 100}, []int{101}, []int{50, 49}, []int{100, 100}, []int{}, []int{-1, 101}, []int{50, 51})
		}
		to := object{}
		places := []string{"us-west/zone1/*", "us-west/zone2/*", "eu/*", "asia"}
		if d.chance(10) {
			places = []string{"*"}
			shares = shares[:min(len(shares), 1)]
		} else if d.chance(d.wrong) {
			places = []string{"us-west/zone1/*", "", "a//b", "us*"}
		}
		for j, share := range shares {
			to = to.put(places[j%len(places)], share)
		}
		out = append(out, d.orElse(object{{"from", from}, {"to", to}}, pick[any](d, object{}, object{{"from", "a"}}, object{{"to", to}}, object{{"from", from}, {"to", object{{"a", "100"}}}}, object{{"from", from}, {"to", object{{"a", nil}}}})))
	}
	return out
}

func (d *dice) clientTLS() any {
	mode := pick(d, "DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL")
	out := object{{"mode", d.word(mode)}}
	if mode == "MUTUAL" && !d.chance(d.wrong) {
		if d.chance(50) {
			out = out.with("credentialName", d.text(credentials))
		} else {
			out = out.with("clientCertificate", "/c").with("privateKey", "/k")
			if d.chance(60) {
				out = out.with("caCertificates", "/ca")
			}
		}
	}
	if mode == "SIMPLE" && d.chance(50) {
		out = out.with(pick(d, "credentialName", "caCertificates"), d.text(credentials))
	}
	for range d.weighted(60, 30, 10) {
		name := pick(d, "sni", "insecureSkipVerify", "subjectAltNames", "caCrl", "credentialName", "caCertificates", "clientCertificate", "privateKey")
		if out.get(name) != nil || (name != "sni" && name != "subjectAltNames" && mode != "DISABLE" && mode != "ISTIO_MUTUAL" && !d.chance(d.wrong*2+5)) {
			continue
		}
		value := d.text(credentials)
		switch name {
		case "insecureSkipVerify":
			value = d.flag()
		case "subjectAltNames":
			value = d.texts(anyText, 2)
		}
		out = out.with(name, value)
	}
	return out
}

func (d *dice) portLevelSettings() any {
	out := list{}
	for range d.between(1, 2) {
		settings, ok := d.trafficPolicy(false).(object)
		if !ok {
			settings = object{}
		}
		if len(settings) == 0 && !d.chance(d.wrong) {
			continue
		}
		port := d.orElse(object{{"number", d.number(0, 1<<32-1)}}, pick[any](d, object{}, plain("null"), 80, object{{"number", nil}}))
		if !d.chance(d.wrong) {
			settings = settings.with("port", port)
		}
		out = append(out, d.orElse(settings, pick[any](d, settings, nil, object{}, object{{"port", object{{"number", 80}}}})))
	}
	return out
}

func (d *dice) tunnel() any {
	out := object{{"targetHost", d.text(targets)}, {"targetPort", d.orElse(pick[any](d, 80, 65535, 1), pick(d, d.oddScalar(), any(0), any(65536), nil))}}
	if d.chance(50) {
		out = out.with("protocol", d.text(tunnelProtocols))
	}
	return d.orElse(out, pick[any](d, out, object{}, object{{"targetHost", "a"}}, object{{"targetPort", 80}}))
}

func (d *dice) retryBudget() any {
	out := object{}
	if d.chance(60) {
		out = out.with("percent", d.orElse(pick[any](d, 0, 100, plain("20.5"), plain("null")), pick[any](d, 101, -1, "5", plain("100.5"))))
	}
	if d.chance(40) {
		out = out.with("minRetryConcurrency", d.number(0, 1<<32-1))
	}
	if d.chance(30) {
		out = out.with("budgetInterval", d.text(laxDurations))
	}
	return out
}
