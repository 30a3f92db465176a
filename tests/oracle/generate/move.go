package generate

import (
	"net/netip"
	str "strings"

	"oracle/scenario"
)

// clean keeps to what a header value may hold on the wire.
func clean(value string) string {
	var out str.Builder
	for _, c := range value {
		if c >= 0x20 && c < 0x7f || c == '\t' {
			out.WriteRune(c)
		}
	}
	return str.TrimSpace(out.String())
}

// cleanPath keeps to what a request line may hold: printable ASCII without blanks, a slash in front.
func cleanPath(path string) string {
	var out str.Builder
	for _, c := range path {
		if c > 0x20 && c < 0x7f {
			out.WriteRune(c)
		}
	}
	if !str.HasPrefix(out.String(), "/") {
		return "/" + out.String()
	}
	return out.String()
}

func (w *world) fillPath(value string) string {
	if str.Contains(value, "{*}") || str.Contains(value, "{**}") {
		return cleanPath(w.expand(value))
	}
	return cleanPath(w.fill(value))
}

func (w *world) fillMethod(value string) string {
	for _, method := range []string{"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"} {
		if value == method || value == "*" && w.chance(25) ||
			str.HasSuffix(value, "*") && str.HasPrefix(method, str.TrimSuffix(value, "*")) ||
			str.HasPrefix(value, "*") && str.HasSuffix(method, str.TrimPrefix(value, "*")) {
			return method
		}
	}
	return w.method()
}

// fillHost makes a host name the pattern covers.
func (w *world) fillHost(value string) string {
	out := w.fill(value)
	if str.HasPrefix(value, "*") && str.HasPrefix(value[1:], ".") && w.chance(60) {
		out = "a" + value[1:]
	}
	return cleanHost(out)
}

func cleanHost(host string) string {
	var out str.Builder
	for _, c := range host {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == ':' {
			out.WriteRune(c)
		}
	}
	text := out.String()
	name, port, found := str.Cut(text, ":")
	if name == "" {
		name = "h"
	}
	if !found {
		return name
	}
	digits := ""
	for _, c := range port {
		if c >= '0' && c <= '9' && len(digits) < 5 {
			digits += string(c)
		}
	}
	if digits == "" || digits > "65535" && len(digits) == 5 {
		return name
	}
	return name + ":" + digits
}

// inside is an address in the range, at its edge, or just beyond.
func (w *world) inside(value string) string {
	prefix, err := netip.ParsePrefix(value)
	if err != nil {
		addr, err := netip.ParseAddr(value)
		if err != nil || addr.Zone() != "" || addr.Is4In6() {
			return ""
		}
		if w.chance(20) {
			addr = pick(w.dice, addr.Next(), addr.Prev())
		}
		return plainAddress(addr)
	}
	prefix = prefix.Masked()
	addr := prefix.Addr()
	switch w.IntN(3) {
	case 0:
		addr = last(prefix)
	case 1:
		if prefix.Addr().BitLen()-prefix.Bits() > 1 {
			addr = addr.Next()
		}
	}
	if w.chance(20) {
		addr = pick(w.dice, last(prefix).Next(), prefix.Addr().Prev())
	}
	return plainAddress(addr)
}

func plainAddress(addr netip.Addr) string {
	if !addr.IsValid() || addr.IsUnspecified() || addr.IsMulticast() || addr.Is4In6() {
		return ""
	}
	return addr.String()
}

// last is the highest address of a range.
func last(prefix netip.Prefix) netip.Addr {
	raw := prefix.Addr().AsSlice()
	for i := prefix.Bits(); i < len(raw)*8; i++ {
		raw[i/8] |= 0x80 >> (i % 8)
	}
	addr, _ := netip.AddrFromSlice(raw)
	return addr
}

// move changes one thing about a request: a step over some boundary, or just short of it.
func (w *world) move(s *scenario.Scenario, f *flow) {
	http1 := s.Protocol == "http"
	switch w.weighted(50, 12, 10, 18, 8, 4) {
	case 0:
		w.movePath(s)
	case 1:
		if s.Protocol != "grpc" {
			s.Method = w.method()
			if http1 && w.chance(9) {
				s.Method = pick(w.dice, "get", "PROPFIND", "TRACE", "post")
				w.note("odd method")
			}
		}
	case 2:
		switch w.IntN(5) {
		case 0:
			s.Host = str.ToUpper(s.Host)
		case 1:
			s.Host = cleanHost(w.nudge(s.Host))
		case 2:
			if name, _, found := str.Cut(s.Host, ":"); found {
				s.Host = name
			} else {
				s.Host += pick(w.dice, ":80", ":8080", ":443")
			}
		case 3:
			s.Host = "x." + s.Host
		case 4:
			s.Host = w.hostOf(f)
		}
		w.note("move host")
	case 3:
		w.moveHeader(s)
	case 4:
		switch {
		case s.RemoteIP == "" && s.Headers["x-forwarded-for"] == nil:
			s.RemoteIP = w.remote(f)
		case s.RemoteIP != "" && w.chance(50): // spelled out by the caller
			value := pick(w.dice, s.RemoteIP, "198.51.100.9, "+s.RemoteIP, s.RemoteIP+", 198.51.100.9", s.RemoteIP+":443", s.RemoteIP+", unknown", "198.51.100.9,"+s.RemoteIP)
			s.RemoteIP = ""
			s.Headers["x-forwarded-for"] = scenario.Values{value}
			w.note("x-forwarded-for")
		default:
			s.RemoteIP = ""
		}
	case 5: // a CORS preflight, or nearly
		if http1 && w.chance(6) {
			s.Method, s.Path = "OPTIONS", "*"
			w.note("asterisk")
			return
		}
		if s.Protocol != "grpc" {
			s.Method = "OPTIONS"
			if w.chance(80) {
				s.Headers["origin"] = scenario.Values{"https://shop.example"}
			}
			if w.chance(80) {
				s.Headers["access-control-request-method"] = scenario.Values{"POST"}
			}
			w.note("preflight")
		}
	}
}

func (w *world) moveHeader(s *scenario.Scenario) {
	names := keys(toAny(s.Headers))
	if len(names) == 0 || w.chance(20) {
		name, value := w.headerOf(&flow{remoteIP: "203.0.113.5", protocol: "http", workload: w.workloads[0]})
		name = str.ToLower(name)
		if str.HasPrefix(name, ":") || name == "host" || str.HasPrefix(name, "x-forwarded") || name == "x-request-id" || name == "authorization" {
			return
		}
		s.Headers[name] = append(s.Headers[name], clean(value()))
		return
	}
	name := names[w.IntN(len(names))]
	values := s.Headers[name]
	switch w.IntN(7) {
	case 0:
		delete(s.Headers, name)
	case 1: // another copy
		s.Headers[name] = append(values, clean(w.nudge(values[0])))
		w.note("header twice")
	case 2:
		s.Headers[name] = append(scenario.Values{pick(w.dice, "a", "b", "other")}, values...)
		w.note("header twice")
	case 3:
		s.Headers[name] = scenario.Values{clean(values[0] + pick(w.dice, ",a", ", b", ",", " x"))}
	case 4:
		s.Headers[name] = scenario.Values{""}
		w.note("empty header")
	case 5:
		s.Headers[name] = scenario.Values{clean(w.nudge(values[0]))}
	case 6:
		delete(s.Headers, name)
		s.Headers[str.ToUpper(name[:1])+name[1:]] = values
	}
	if s.RemoteIP != "" && (len(s.Headers["x-forwarded-for"]) > 0 || len(s.Headers["X-forwarded-for"]) > 0) {
		s.RemoteIP = ""
	}
}

func toAny(headers map[string]scenario.Values) map[string]any {
	out := map[string]any{}
	for name := range headers {
		out[name] = nil
	}
	return out
}

// movePath steps around the path: case, slashes, escapes, dots, query, parameters.
func (w *world) movePath(s *scenario.Scenario) {
	if s.Path == "*" {
		return
	}
	path, query, hasQuery := str.Cut(s.Path, "?")
	at := w.IntN(len(path))
	slash := str.LastIndex(path[:at+1], "/")
	step := w.IntN(22)
	switch step {
	case 0:
		path += "/"
	case 1:
		path = str.TrimSuffix(path, "/")
	case 2: // a slash twice
		path = path[:slash] + "/" + path[slash:]
	case 3:
		path = path[:slash] + pick(w.dice, "/.", "/x/..", "/%2e", "/x/%2E%2e", "/x/.%2e", "//..") + path[slash:]
	case 4:
		path = path[:slash] + pick(w.dice, "%2f", "%2F", "\\", "%5c", "%5C", "/%2F") + path[slash+1:]
	case 5: // an escape where none is needed
		path = path[:at] + "%" + hex(path[at], w.chance(50)) + path[at+1:]
	case 6:
		if c := path[at]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			path = path[:at] + string(c^0x20) + path[at+1:]
		}
	case 7:
		if !hasQuery {
			query, hasQuery = pick(w.dice, "q=1", "", "x=/../d", "access_token="), true
		}
	case 8:
		path += pick(w.dice, "#frag", "#")
	case 9:
		path += pick(w.dice, ";p=1", ";", "/..;x", "/.;x/b", "/%2e%2e;x")
	case 10:
		path = path[:slash] + pick(w.dice, "/..;x", "/a/..;v=1", "/.;x") + path[slash:]
	case 11:
		path = cleanPath(path[:at] + path[at+1:])
	case 12:
		path += w.word(lower, 1, 1)
	case 13:
		path = path[:at+1] + pick(w.dice, `"`, "<", ">", "^", "`", "{", "|", "}", "[", "]", "*", "'", "!", "$", "(", ",", ":", "@", "&", "=", "+", "~") + path[at+1:]
	case 14:
		path += pick(w.dice, "%25", "%zz", "%", "%20", "%252e%252e", "%252F", "%7e", "%41", "%C3%A9", "%3F", "%23", "%2")
	case 15:
		if w.chance(35) {
			path += "%00"
			w.note("nul in path")
		}
	case 16:
		path += pick(w.dice, "/..", "/.", "/../..", "/x/..")
	case 17:
		path = "/" + path
	case 18:
		path = cleanPath(w.nudge(path))
	case 19:
		path += "/" + w.segment()
	case 20:
		path = "/" + w.segment() + path
	case 21:
		path = w.path()
	}
	w.note("move path %d", step)
	path = cleanPath(path)
	s.Path = path
	if hasQuery {
		if before, fragment, found := str.Cut(path, "#"); found && w.chance(50) {
			s.Path = before + "?" + query + "#" + fragment
			return
		}
		s.Path += "?" + query
	}
}

func hex(c byte, upper bool) string {
	digits := "0123456789abcdef"
	if upper {
		digits = "0123456789ABCDEF"
	}
	return string(digits[c>>4]) + string(digits[c&15])
}
