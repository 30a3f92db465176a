package generate

import (
	"encoding/json"
	"fmt"
	"net/netip"
	str "strings"

	"oracle/scenario"
)

// want is what a request must carry to satisfy a rule.
type want struct {
	method, path, host, remoteIP string
	headers                      map[string]scenario.Values
	claims                       map[string]any
}

// ask draws the requests: most of them made for some rule, then moved a little.
func (w *world) ask() []scenario.Scenario {
	answers := w.providerAnswers()
	var out []scenario.Scenario
	weights := make([]float64, len(w.flows))
	for i, f := range w.flows {
		weights[i] = f.weight
	}
	asked := make([]int, len(w.flows))
	for tries := 0; len(out) < w.size.Requests && tries < 4*w.size.Requests; tries++ {
		i := w.weighted(weights...)
		f := w.flows[i]
		if asked[i]++; f.protocol == "tcp" && asked[i] > 2 {
			continue // nothing in a TCP question varies but its flow
		}
		s := w.question(f)
		s.Name = fmt.Sprintf("q%02d", len(out))
		s.ExtAuthz = answers
		if len(w.jwks) > 0 {
			s.JWKS = map[string]json.RawMessage{}
			for uri, set := range w.jwks {
				s.JWKS[uri] = set
			}
		}
		out = append(out, s)
	}
	return out
}

// providerAnswers is what the external authorizers say throughout this mesh.
func (w *world) providerAnswers() *scenario.ExtAuthz {
	words := func() string { return []string{"allow", "deny", "error"}[w.weighted(60, 25, 15)] }
	if len(w.providers) == 0 || w.chance(50) {
		return &scenario.ExtAuthz{All: words()}
	}
	out := &scenario.ExtAuthz{Provider: map[string]string{"missing": "allow"}}
	for _, name := range w.providers {
		out.Provider[name] = words()
	}
	return out
}

func (w *world) question(f *flow) scenario.Scenario {
	from := *f.caller.from
	s := scenario.Scenario{From: &from, To: f.to, Protocol: f.protocol, TLS: f.tls}
	w.note("protocol %s", f.protocol)
	if f.protocol == "tcp" {
		if w.chance(40) { // another address beside the caller's
			if addr, err := netip.ParseAddr(f.caller.ip); err == nil {
				s.From.IP = pick(w.dice, addr.Next(), addr.Prev()).String()
			}
		}
		return s
	}
	need := &want{method: w.method(), path: w.path(), host: w.hostOf(f), headers: map[string]scenario.Values{}, claims: map[string]any{}}
	if w.chance(75) {
		w.satisfyAny(need, f)
	}
	if f.protocol == "grpc" {
		need.method = "POST"
	}
	s.Method, s.Path, s.Host = need.method, need.path, need.host
	s.Headers, s.RemoteIP = need.headers, need.remoteIP
	if s.RemoteIP == "" && f.remoteIP != "" && w.chance(60) {
		s.RemoteIP = f.remoteIP
	}
	w.present(&s, need, f)
	for range w.weighted(48, 42, 10) {
		w.move(&s, f)
	}
	for name := range s.Headers {
		if str.EqualFold(name, "x-forwarded-for") {
			s.RemoteIP = "" // the header says it
		}
	}
	if f.gateway && s.RemoteIP != "" { // what a gateway makes of it is up to its settings
		s.Headers["x-forwarded-for"] = scenario.Values{pick(w.dice, s.RemoteIP, s.RemoteIP+", 198.51.100.9", s.RemoteIP+",198.51.100.9,198.51.100.10", "198.51.100.9, "+s.RemoteIP)}
		s.RemoteIP = ""
	}
	if len(s.Headers) == 0 {
		s.Headers = nil
	}
	return s
}

// satisfyAny makes the request fit a rule of a policy that selects the destination.
func (w *world) satisfyAny(need *want, f *flow) {
	var choice []*policy
	for _, p := range w.policies {
		if p.idle || len(p.rules) == 0 || p.namespace != f.workload.namespace.name && p.namespace != w.root || !selects(p.labels, f.workload) {
			continue
		}
		choice = append(choice, p)
		if p.action == "ALLOW" {
			choice = append(choice, p, p, p)
		}
	}
	if len(choice) == 0 {
		return
	}
	p := choice[w.IntN(len(choice))]
	w.satisfy(need, p.rules[w.IntN(len(p.rules))])
}

func selects(labels Doc, item *workload) bool {
	for name, value := range labels {
		if item.labels[name] != value {
			return false
		}
	}
	return true
}

// one picks a value of a list field.
func (w *world) one(from Doc, name string) (string, bool) {
	list, _ := from[name].(List)
	if len(list) == 0 {
		return "", false
	}
	text, ok := list[w.IntN(len(list))].(string)
	return text, ok
}

// positiveOrNot picks a value to carry: a wanted one, now and then one that is excluded.
func (w *world) positiveOrNot(from Doc, name, negative string) (string, bool) {
	if value, ok := w.one(from, name); ok && !w.chance(8) {
		return value, true
	}
	if w.chance(35) {
		return w.one(from, negative)
	}
	return "", false
}

func (w *world) satisfy(need *want, rule Doc) {
	if list, _ := rule["from"].(List); len(list) > 0 {
		source := list[w.IntN(len(list))].(Doc)["source"].(Doc)
		if value, ok := w.positiveOrNot(source, "requestPrincipals", "notRequestPrincipals"); ok {
			w.wantPrincipal(need, value)
		}
		if value, ok := w.positiveOrNot(source, "remoteIpBlocks", "notRemoteIpBlocks"); ok {
			need.remoteIP = w.inside(value)
		}
	}
	if list, _ := rule["to"].(List); len(list) > 0 {
		operation := list[w.IntN(len(list))].(Doc)["operation"].(Doc)
		if value, ok := w.positiveOrNot(operation, "paths", "notPaths"); ok {
			need.path = w.fillPath(value)
		}
		if value, ok := w.positiveOrNot(operation, "methods", "notMethods"); ok {
			need.method = w.fillMethod(value)
		}
		if value, ok := w.positiveOrNot(operation, "hosts", "notHosts"); ok {
			need.host = w.fillHost(value)
		}
	}
	list, _ := rule["when"].(List)
	for _, item := range list {
		condition := item.(Doc)
		if value, ok := w.positiveOrNot(condition, "values", "notValues"); ok {
			w.wantCondition(need, condition["key"].(string), value)
		}
	}
}

func (w *world) wantCondition(need *want, key, value string) {
	switch {
	case str.HasPrefix(key, "request.headers["):
		name := str.ToLower(str.TrimSuffix(str.TrimPrefix(key, "request.headers["), "]"))
		switch name {
		case ":authority", "host":
			need.host = w.fillHost(value)
		case ":path":
			need.path = w.fillPath(value)
		case ":method":
			need.method = w.fillMethod(value)
		case "x-forwarded-client-cert", "x-forwarded-proto", "x-request-id":
		case "x-forwarded-for":
			need.remoteIP = ""
			need.headers[name] = scenario.Values{clean(w.fill(value))}
		default:
			need.headers[name] = scenario.Values{clean(w.fill(value))}
		}
	case key == "remote.ip":
		need.remoteIP = w.inside(value)
	case key == "request.auth.principal":
		w.wantPrincipal(need, value)
	case key == "request.auth.audiences":
		need.claims["aud"] = w.listed(w.fill(value))
	case key == "request.auth.presenter":
		need.claims["azp"] = w.listed(w.fill(value))
	case str.HasPrefix(key, "request.auth.claims["):
		names := str.Split(str.TrimSuffix(str.TrimPrefix(key, "request.auth.claims["), "]"), "][")
		var claim any = w.listed(w.fill(value))
		for i := len(names) - 1; i > 0; i-- {
			claim = map[string]any{names[i]: claim, "other": 1}
		}
		need.claims[names[0]] = claim
	}
}

// listed is a claim's value in one of the shapes that match, or nearly.
func (w *world) listed(value string) any {
	switch w.weighted(55, 30, 6, 3, 3, 3) {
	case 1:
		return []any{"other", value}
	case 2:
		return value + " more"
	case 3:
		return []any{[]any{value}}
	case 4:
		return map[string]any{value: value}
	case 5:
		return json.RawMessage("7")
	}
	return value
}

func (w *world) wantPrincipal(need *want, value string) {
	at := str.LastIndex(value, "/")
	issuer, subject := value, ""
	if at >= 0 {
		issuer, subject = value[:at], value[at+1:]
	}
	if value == "*" {
		return
	}
	for _, rule := range w.rules {
		if rule.issuer == issuer || str.HasPrefix(value, rule.issuer+"/") {
			issuer, subject = rule.issuer, str.TrimPrefix(str.TrimPrefix(value, rule.issuer), "/")
		}
	}
	if issuer != "" && !str.Contains(issuer, "*") {
		need.claims["iss"] = issuer
	}
	need.claims["sub"] = w.fill(subject)
}

// present puts tokens where rules look for them, or elsewhere.
func (w *world) present(s *scenario.Scenario, need *want, f *flow) {
	var rules []*jwtRule
	for _, r := range w.rules {
		if !r.dead && (r.namespace == f.workload.namespace.name || r.namespace == w.root) && selects(r.labels, f.workload) {
			rules = append(rules, r)
		}
	}
	none := 22.0
	if len(rules) == 0 {
		rules, none = w.rules, 70
	}
	if len(need.claims) > 0 {
		none = 8
	}
	if len(rules) == 0 || w.chance(none) {
		return
	}
	rule := rules[w.IntN(len(rules))]
	if issuer, ok := need.claims["iss"]; ok && w.chance(85) {
		for _, r := range rules {
			if r.issuer == issuer {
				rule = r
				break
			}
		}
	}
	w.place(s, rule, w.mint(w.tokenFor(rule, need.claims, w.chance(38))))
	if w.chance(10) { // a second token
		other := rules[w.IntN(len(rules))]
		w.place(s, other, w.mint(w.tokenFor(other, nil, w.chance(40))))
		w.note("two tokens")
	}
}

// place writes a token into one of the rule's locations.
func (w *world) place(s *scenario.Scenario, rule *jwtRule, text string) {
	if w.chance(6) { // where nobody or somebody else looks
		rule = &jwtRule{headers: []location{{"x-jwt", ""}}}
		if w.chance(50) {
			rule = &jwtRule{}
		}
	}
	if len(rule.headers)+len(rule.params)+len(rule.cookies) == 0 {
		switch {
		case w.chance(12):
			w.query(s, "access_token", text)
		case w.chance(10):
			w.header(s, "authorization", pick(w.dice, "bearer ", "Bearer  ", "X Bearer ", "Bearer +", "Bearer:", "Bearer\t", "")+text)
			w.note("odd scheme")
		case s.Token == "" && s.Headers["authorization"] == nil:
			s.Token = text
		default:
			w.header(s, "authorization", "Bearer "+text)
		}
		return
	}
	at := w.IntN(len(rule.headers) + len(rule.params) + len(rule.cookies))
	if at < len(rule.headers) {
		place := rule.headers[at]
		prefix := place.prefix
		if w.chance(10) {
			prefix = pick(w.dice, "", "Bearer ", "x "+prefix, str.ToLower(prefix), prefix+" ")
		}
		w.header(s, str.ToLower(place.name), str.TrimSpace(prefix+text))
		return
	}
	if at -= len(rule.headers); at < len(rule.params) {
		w.query(s, rule.params[at], text)
		return
	}
	value := rule.cookies[at-len(rule.params)] + "=" + text
	switch w.IntN(4) {
	case 0:
		value = "a=b; " + value + "; c=d"
	case 1:
		value = str.Replace(value, "=", `="`, 1) + `"`
	}
	w.header(s, "cookie", value)
	w.note("cookie token")
}

func (w *world) header(s *scenario.Scenario, name, value string) {
	s.Headers[name] = append(s.Headers[name], clean(value))
}

func (w *world) query(s *scenario.Scenario, name, value string) {
	path, fragment, found := str.Cut(s.Path, "#")
	joint := "?"
	if str.Contains(path, "?") {
		joint = "&"
	} else if w.chance(20) {
		path += "?z=1"
		joint = "&"
	}
	s.Path = path + joint + name + "=" + str.ReplaceAll(value, " ", "%20")
	if found {
		s.Path += "#" + fragment
	}
	w.note("query token")
}
