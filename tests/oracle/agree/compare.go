package agree

import (
	"fmt"
	"regexp"
	"strings"

	"oracle/scenario"
)

// difference is one point on which the two answers to a request part.
type difference struct {
	field, real, ours string
}

// shape names a set of differences: shrinking keeps to it.
func shape(all []difference) string {
	var parts []string
	for _, d := range all {
		switch d.field {
		case "verdict", "httpStatus":
			parts = append(parts, d.field+" "+d.real+" "+d.ours)
		case "error":
			parts = append(parts, d.field+" "+numbers.ReplaceAllString(firstLines(d.ours+d.real, 1), "N"))
		default:
			parts = append(parts, d.field)
		}
	}
	return strings.Join(parts, ", ")
}

var numbers = regexp.MustCompile(`[0-9]+|"[^"]*"|/tmp/\S+`)

// compare lists what differs. The real answer is the measure.
func compare(s scenario.Scenario, real, ours scenario.Answer) []difference {
	var out []difference
	differ := func(field, real, ours string) {
		if real != ours {
			out = append(out, difference{field, real, ours})
		}
	}
	if s.To.Subset != "" && strings.Contains(ours.Error, "no workload in the manifests answers") {
		return nil // a subset without endpoints: the caller's proxy, which does not run here, answers 503
	}
	if ours.Error != "" {
		return []difference{{"error", "", ours.Error}}
	}
	if real.Verdict == scenario.BadRequest && strings.HasPrefix(real.Reason, "the stream was reset") && s.Protocol != "http" {
		return nil // bytes that went through as TCP: the echo application's own HTTP/2 library refuses odd escapes
	}
	if real.Reason == "ext_authz_denied" && (strings.HasPrefix(real.Body, "400 Bad Request") || number(real.HTTPStatus) == "400") {
		return nil // the HTTP library of the test's own provider refuses odd escapes before the provider sees them
	}
	if s.RemoteIP != "" && s.Protocol != "tcp" && (strings.Contains(real.Raw, "app-") || real.Verdict == scenario.Denied && real.HTTPStatus == nil) {
		return nil // an address told by X-Forwarded-For, on a chain that reads no headers
	}
	differ("verdict", real.Verdict, ours.Verdict)
	if len(out) > 0 {
		return out
	}
	switch real.Verdict {
	case scenario.MTLSRequired, scenario.ConnectionFailed, scenario.Undetermined:
		return nil // no status, no name: nothing got as far
	}
	differ("httpStatus", number(real.HTTPStatus), number(ours.HTTPStatus))
	if bodySeen(s, real) {
		differ("body", real.Body, ours.Body)
	}
	differ("principal", name(real.Principal), name(ours.Principal))
	switch {
	case real.Policy != "":
		differ("policy", real.Policy, ours.Policy)
		if real.Rule != nil {
			differ("rule", number(real.Rule), number(ours.Rule))
		}
	case strings.Contains(real.Reason, "matched_policy[none]"):
		differ("rule", "none", number(ours.Rule))
	}
	return out
}

// bodySeen says whether the body of an answer can be told on the wire and is the proxy's own.
func bodySeen(s scenario.Scenario, real scenario.Answer) bool {
	if s.Method == "HEAD" || s.Protocol == "tcp" || s.Protocol == "grpc" {
		return false
	}
	switch real.Verdict {
	case scenario.Denied, scenario.Unauthenticated:
		return true
	case scenario.BadRequest:
		return real.Body != ""
	}
	return false
}

func number(n *int) string {
	if n == nil {
		return "none"
	}
	return fmt.Sprint(*n)
}

// name takes the scheme off an identity: meshsec writes principals as policies do.
func name(principal string) string { return strings.TrimPrefix(principal, "spiffe://") }

// claims lists what a recorded expectation says that the answer does not.
func claims(e *scenario.Expect, a scenario.Answer) []difference {
	if e == nil {
		return nil
	}
	var out []difference
	differ := func(field, want, got string) {
		if want != got {
			out = append(out, difference{field, want, got})
		}
	}
	if e.Verdict != "" {
		differ("verdict", e.Verdict, a.Verdict)
	}
	if e.HTTPStatus != nil {
		differ("httpStatus", number(e.HTTPStatus), number(a.HTTPStatus))
	}
	if e.Policy != "" {
		differ("policy", e.Policy, a.Policy)
	}
	if e.Rule != nil {
		differ("rule", number(e.Rule), number(a.Rule))
	}
	return out
}

// expectation records a real answer.
func expectation(a scenario.Answer) *scenario.Expect {
	return &scenario.Expect{Verdict: a.Verdict, HTTPStatus: a.HTTPStatus, Policy: a.Policy, Rule: a.Rule}
}
