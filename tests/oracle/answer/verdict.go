package answer

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"

	"oracle/envoy"
	"oracle/istiod"
	"oracle/scenario"
)

var policyName = regexp.MustCompile(`ns\[([^\]]*)\]-policy\[([^\]]*)\]-rule\[(\d+)\]`)

// answered turns a response into an answer.
func (p *plan) answered(r *envoy.Response) {
	a := &p.answer
	a.Raw = strings.TrimSpace(fmt.Sprintf("%d %s %s", r.Status, r.Details, r.GRPCStatus))
	a.Principal = strings.ReplaceAll(r.Peer, "spiffe://", "")
	a.Reason = r.Details
	if p.dial.TLS != nil && len(p.dial.TLS.Names) > 0 {
		a.SecureNaming = "ok"
	}
	if reached, overTLS := envoy.ReachedApp(r.Details); reached {
		p.arrived(overTLS)
		return
	}
	if r.Status != 0 {
		status := r.Status
		a.HTTPStatus = &status
	}
	a.Body = r.Body
	if p.request.GRPC {
		if text, err := url.PathUnescape(r.Body); err == nil {
			a.Body = text
		}
	}
	switch {
	case r.Details == "direct_response":
		a.Reason, a.Body = "", ""
		if p.appTLS {
			a.Verdict, a.HTTPStatus = scenario.ConnectionFailed, nil // the proxy forwards plain HTTP to it
			return
		}
		a.Verdict, a.HTTPStatus = scenario.Allowed, p.reached()
	case p.refusedBy(r.Details):
	case r.Status >= 500:
		a.Verdict = scenario.ConnectionFailed
	default:
		a.Verdict = scenario.BadRequest
	}
}

// arrived is for bytes that went through to the application without HTTP in between.
func (p *plan) arrived(overTLS bool) {
	a := &p.answer
	a.Reason = ""
	if overTLS != p.appTLS {
		a.Verdict = scenario.ConnectionFailed
		return
	}
	a.Verdict, a.HTTPStatus = scenario.Allowed, p.reached()
	if a.Principal == "" && !overTLS && p.dial.TLS != nil {
		a.Principal = p.client
	}
}

// refusedBy reads the filter that refused out of the details.
func (p *plan) refusedBy(details string) bool {
	a := &p.answer
	switch {
	case strings.HasPrefix(details, "rbac_access_denied"):
		a.Verdict = scenario.Denied
		if m := policyName.FindStringSubmatch(details); m != nil {
			rule, _ := strconv.Atoi(m[3])
			a.Policy, a.Rule = m[1]+"/"+m[2], &rule
		}
	case strings.HasPrefix(details, "jwt_authn_access_denied"):
		a.Verdict = scenario.Unauthenticated
	case strings.HasPrefix(details, "ext_authz"):
		a.Verdict = scenario.Denied
	default:
		return false
	}
	return true
}

// failed explains a connection without a response. It says whether another try is bound to end the same way.
func (p *plan) failed(conn *envoy.Conn, err error) (hopeless bool) {
	a := &p.answer
	if conn == nil {
		a.Error = err.Error()
		return true
	}
	a.Verdict, a.Raw = scenario.ConnectionFailed, err.Error()
	switch {
	case errors.Is(err, envoy.ErrNaming):
		a.SecureNaming = "mismatch"
		_ = conn.Close()
		return true
	case errors.Is(err, envoy.ErrForeign):
		_ = conn.Close()
		return true
	}
	noted := conn.Closing()
	a.Reason = noted.Details
	a.Raw = fmt.Sprintf("%v; %s %s %s", err, noted.Details, noted.Flags, noted.TLSError)
	switch {
	case p.refusedBy(noted.Details):
		a.Principal = strings.ReplaceAll(noted.Peer, "spiffe://", "")
		if p.dial.TLS != nil && len(p.dial.TLS.Names) > 0 {
			a.SecureNaming = "ok"
		}
		return false
	case noted.Details == "filter_chain_not_found":
		if p.side.Mode == istiod.Plaintext && !p.listener.router {
			a.Verdict = scenario.MTLSRequired
		}
		return true
	case noted.TLSError != "":
		if strings.Contains(noted.TLSError, "PEER_DID_NOT_RETURN_A_CERTIFICATE") && !p.listener.router {
			a.Verdict = scenario.MTLSRequired
		}
		return true
	case noted.Flags == "DPE" && conn.Established(): // the codec gave the connection up
		a.Verdict = scenario.BadRequest
	case errors.Is(err, os.ErrDeadlineExceeded):
		a.Error = "no answer in time"
	}
	return false
}
