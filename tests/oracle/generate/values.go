package generate

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// principal is a value near the caller's identity.
func (w *world) principal(c *caller) string {
	id := c.identity
	if id == "" {
		id = w.trustDomain + "/ns/" + w.namespaces[0].name + "/sa/cli"
	}
	domain, rest, _ := strings.Cut(id, "/")
	parts := strings.Split(id, "/")
	last := parts[len(parts)-1]
	switch w.weighted(34, 14, 8, 8, 8, 10, 6, 4, 4, 2, 2) {
	case 0:
		return id
	case 1: // the pointer to the mesh's own domain
		return "cluster.local/" + rest
	case 2:
		return "*"
	case 3:
		return "*/sa/" + last
	case 4:
		return strings.TrimSuffix(id, last) + "*"
	case 5:
		return pick(w.dice, append([]string{"foreign.example", w.trustDomain}, w.aliases...)...) + "/" + rest
	case 6:
		return domain + "/*"
	case 7: // a star inside the domain migrates too
		return "*" + domain[len(domain)/2:] + "/" + rest
	case 8:
		return pick(w.dice, "*/", "x*/") + rest
	case 9:
		return "spiffe://" + id
	}
	return w.near(id)
}

func (w *world) namespaceValue(c *caller) string {
	name := c.namespace
	if name == "" || w.chance(20) {
		name = w.namespaces[w.IntN(len(w.namespaces))].name
	}
	switch w.weighted(50, 12, 12, 6, 6, 4, 10) {
	case 1:
		return name[:w.between(1, len(name))] + "*"
	case 2:
		return "*" + name[w.IntN(len(name)):]
	case 3:
		return "*"
	case 4:
		return name[:1] + "*" + name[len(name)-1:]
	case 5: // a star crosses slashes
		return pick(w.dice, "*a", "*sa", "*/sa")
	case 6:
		return w.nudge(name)
	}
	return name
}

func (w *world) accountValue(c *caller) string {
	namespace, account := c.namespace, c.account
	if account == "" {
		namespace, account = w.namespaces[0].name, "cli"
	}
	switch w.weighted(50, 30, 10, 10) {
	case 1: // the policy's own namespace is meant
		return account
	case 2:
		return namespace + "/" + w.nudge(account+"-x")
	case 3:
		return w.namespaces[w.IntN(len(w.namespaces))].name + "/" + account
	}
	return namespace + "/" + account
}

func (w *world) trustDomainValue(c *caller) string {
	domain, _, found := strings.Cut(c.identity, "/")
	if !found {
		domain = w.trustDomain
	}
	switch w.weighted(40, 12, 12, 12, 14, 10) {
	case 1:
		return domain[:w.between(1, len(domain))] + "*"
	case 2:
		return "*" + domain[w.IntN(len(domain)):]
	case 3:
		return "*"
	case 4:
		return pick(w.dice, append([]string{"cluster.local", w.trustDomain}, w.aliases...)...)
	case 5:
		return w.nudge(domain)
	}
	return domain
}

// block is an address or range near an address: around it, beside it, or of the other family.
func (w *world) block(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	bits := addr.BitLen()
	if w.flaw(6, "address") {
		return pick(w.dice, "10.0.0.09", "bad", "10.0.0.0/33", "10.0.0.1/", "fe80::1%eth0/64")
	}
	switch w.weighted(25, 28, 12, 12, 6, 4, 4, 2) {
	case 0:
		return ip
	case 1: // a range with the host bits left in
		return fmt.Sprintf("%s/%d", ip, w.between(bits-16, bits))
	case 2: // a range written as a network
		prefix, err := addr.Prefix(w.between(bits-16, bits-1))
		if err != nil {
			panic(err)
		}
		return prefix.String()
	case 3: // the next one
		if w.chance(50) {
			return addr.Next().String()
		}
		return addr.Prev().String() + "/" + strconv.Itoa(bits)
	case 4:
		return pick(w.dice, "0.0.0.0/0", "::/0", "::0/0")
	case 5:
		if addr.Is4() {
			return "::ffff:" + ip
		}
		return "10.0.0.0/8"
	case 6: // half of the range that holds it
		prefix, err := addr.Next().Next().Next().Next().Prefix(bits - 2)
		if err != nil {
			panic(err)
		}
		return prefix.String()
	}
	return fmt.Sprintf("%s/%d", ip, bits)
}

// remote is the client address authorization sees on this flow; the first question settles it.
func (w *world) remote(f *flow) string {
	if f.remoteIP == "" {
		f.remoteIP = f.caller.ip
		if f.protocol != "tcp" && w.chance(80) {
			f.remoteIP = fmt.Sprintf("203.0.113.%d", w.between(1, 30))
			if w.v6 && w.chance(50) {
				f.remoteIP = fmt.Sprintf("2001:db8::%x", w.between(1, 30))
			}
		}
	}
	return f.remoteIP
}

func (w *world) portValue(f *flow) string {
	port := f.port
	if w.chance(25) {
		port = pick(w.dice, 80, 8080, 9090, f.to.Port, f.port+1)
	}
	if w.flaw(6, "port") {
		return pick(w.dice, "http", "70000", "-1")
	}
	if w.chance(4) { // leading zeros are fine
		return "0" + strconv.Itoa(port)
	}
	return strconv.Itoa(port)
}

func (w *world) methodValue() string {
	return []string{"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "*", "P*", "*ET", "get", "PATCH"}[w.weighted(35, 20, 8, 8, 6, 5, 3, 4, 4, 2, 5)]
}

func (w *world) method() string {
	return []string{"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"}[w.weighted(45, 20, 8, 8, 8, 6, 5)]
}

// hostOf is what a caller writes into Host.
func (w *world) hostOf(f *flow) string {
	name, namespace, port := f.workload.name, f.workload.namespace.name, f.to.Port
	if f.service != nil {
		name = f.service.name
	}
	switch w.weighted(40, 15, 8, 8, 12, 12, 5) {
	case 1:
		return name
	case 2:
		return name + "." + namespace
	case 3:
		return name + "." + namespace + ".svc"
	case 4:
		return pick(w.dice, "example.com", "shop.example.com", "a.b.example.com")
	case 5:
		return fmt.Sprintf("%s.%s.svc.cluster.local:%d", name, namespace, port)
	case 6:
		return "Example.COM"
	}
	return name + "." + namespace + ".svc.cluster.local"
}

var segments = []string{"a", "b", "api", "v1", "users", "admin", "public", "Foo", "x-y_z", "foo.bar", "42", "a%20b", "~me", "c;v=1", "private", "x@y", "a,b", "a+b"}

func (w *world) segment() string { return segments[w.IntN(len(segments))] }

func (w *world) path() string {
	if w.chance(6) {
		return "/"
	}
	if w.chance(10) {
		return "/package.Service/Method"
	}
	var out strings.Builder
	for range w.between(1, 3) {
		out.WriteString("/" + w.segment())
	}
	if w.chance(12) {
		out.WriteString("/")
	}
	return out.String()
}

// pathValue is a policy path: exact, pattern or template.
func (w *world) pathValue() string {
	if w.flaw(3, "path") {
		return "/a/{id"
	}
	switch w.weighted(70, 22, 4, 4) {
	case 1:
		return w.template()
	case 2: // nothing normalizes a policy's text
		return pick(w.dice, "/a%2Fb", "/a%2fb", "/a/../b", "/a//b", "/%61", "/a b", "/a?x=1", "/a\\b", "/a%22b", "/A", "/a%252Fb")
	case 3:
		return w.path() + "*"
	}
	return w.near(w.path())
}

// template keeps to the grammar: one leading slash, whole segments, at most one {**} and no glob after it.
func (w *world) template() string {
	var parts []string
	open := true
	for range w.between(1, 3) {
		switch {
		case open && w.chance(40):
			parts = append(parts, "{*}")
		case open && w.chance(35):
			parts = append(parts, "{**}")
			open = false
		default:
			parts = append(parts, w.segment())
		}
	}
	out := "/" + strings.Join(parts, "/")
	if !strings.Contains(out, "{*}") && !strings.Contains(out, "{**}") {
		out += pick(w.dice, "/{*}", "/{**}")
	}
	if w.chance(10) {
		out += "/"
	}
	w.note("template")
	return out
}

// expand makes a path that a template covers.
func (w *world) expand(template string) string {
	parts := strings.Split(template, "/")
	for i, part := range parts {
		switch part {
		case "{*}":
			parts[i] = w.segment()
		case "{**}":
			var inner []string
			for range w.between(0, 3) {
				inner = append(inner, w.segment())
			}
			parts[i] = strings.Join(inner, "/")
		}
	}
	return strings.Join(parts, "/")
}

// headerOf is a header a policy may look at, and how its values come about.
func (w *world) headerOf(f *flow) (string, func() string) {
	switch w.weighted(60, 6, 6, 4, 3, 6, 5, 3, 2, 2) {
	case 1:
		return pick(w.dice, ":authority", "host", "Host"), func() string { return w.hostOf(f) }
	case 2:
		return ":path", func() string { return w.path() + pick(w.dice, "", "?q=1") }
	case 3:
		return ":method", func() string { return w.method() }
	case 4:
		return "x-forwarded-for", func() string { return w.remote(f) }
	case 5: // Envoy joins these
		return pick(w.dice, "accept", "origin", "referer", "x-forwarded-host", "cache-control"), func() string { return pick(w.dice, "a", "b", "a,b", "https://shop.example") }
	case 6: // what a verified token may leave behind
		return pick(w.dice, "x-sub", "x-claim", "x-payload"), func() string { return pick(w.dice, "alice", "bob", "7", "true", "payments") }
	case 7:
		return "authorization", func() string { return pick(w.dice, "Basic dXNlcg==", "Bearer x") }
	case 8:
		return "x-forwarded-client-cert", func() string { return "*" }
	case 9:
		return pick(w.dice, "x-forwarded-proto", "x-request-id"), func() string { return "*" }
	}
	return pick(w.dice, "x-team", "X-Team", "x-a", "x-many", "x-role", "cookie", "x-empty"), func() string {
		return pick(w.dice, "payments", "admin", "a", "b", "Blue", "a, b", "v=1; w=2")
	}
}

// requestPrincipal is issuer/subject, near a token that somebody has.
func (w *world) requestPrincipal() string {
	issuer := pick(w.dice, issuers...)
	if len(w.rules) > 0 {
		issuer = w.rules[w.IntN(len(w.rules))].issuer
	}
	subject := pick(w.dice, subjects...)
	switch w.weighted(50, 20, 8, 6, 5, 5, 6) {
	case 1:
		return "*"
	case 2:
		return issuer + "/*"
	case 3:
		return "*/" + subject
	case 4:
		return issuer + "*"
	case 5:
		return "*" + subject
	case 6:
		return w.near(issuer + "/" + subject)
	}
	return issuer + "/" + subject
}
