package scenario

import "encoding/json"

// The verdicts, as `meshsec` names them.
const (
	Allowed          = "allowed"
	Denied           = "denied"
	Unauthenticated  = "unauthenticated"
	MTLSRequired     = "mtls-required"
	ConnectionFailed = "connection-failed"
	BadRequest       = "bad-request"
	Undetermined     = "undetermined"
)

// Answer is what one side said about one scenario.
type Answer struct {
	Name         string `json:"name,omitempty"`
	Verdict      string `json:"verdict"`
	HTTPStatus   *int   `json:"httpStatus,omitempty"`
	Body         string `json:"body,omitempty"`
	Reason       string `json:"reason,omitempty"`
	Principal    string `json:"principal,omitempty"`
	ClientTLS    string `json:"clientTls,omitempty"`
	SecureNaming string `json:"secureNaming,omitempty"`
	Policy       string `json:"policy,omitempty"` // namespace/name
	Rule         *int   `json:"rule,omitempty"`
	Error        string `json:"error,omitempty"` // the side could not answer
	Raw          string `json:"raw,omitempty"`   // the evidence, for people
}

// Decision is one line of `meshsec simulate batch -o jsonl`.
type Decision struct {
	Name       string     `json:"name"`
	Verdict    string     `json:"verdict"`
	HTTPStatus *int       `json:"httpStatus"`
	Body       string     `json:"body"`
	Reason     string     `json:"reason"`
	Message    string     `json:"message"`
	DecidedBy  *DecidedBy `json:"decidedBy"`
	Connection *struct {
		ClientTLS       string          `json:"clientTls"`
		ServerMode      string          `json:"serverMode"`
		ServerModeFrom  json.RawMessage `json:"serverModeFrom"`
		ClientTLSFrom   json.RawMessage `json:"clientTlsFrom"`
		SourcePrincipal string          `json:"sourcePrincipal"`
		SecureNaming    string          `json:"secureNaming"`
	} `json:"connection"`
	RequestAuthentication *struct {
		Status    string `json:"status"`
		Issuer    string `json:"issuer"`
		Principal string `json:"principal"`
		Reason    string `json:"reason"`
	} `json:"requestAuthentication"`
	NearestMiss json.RawMessage `json:"nearestMiss"`
	Warnings    []string        `json:"warnings"`
	Trace       json.RawMessage `json:"trace"`
	Error       json.RawMessage `json:"error"` // an unusable line
}

// DecidedBy is the object that settled the answer.
type DecidedBy struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Rule      *int   `json:"rule"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
}

// ParseDecision reads one decision line.
func ParseDecision(line []byte) (Decision, error) {
	var d Decision
	err := json.Unmarshal(line, &d)
	return d, err
}

// Answer reduces a decision to what is compared.
func (d Decision) Answer() Answer {
	a := Answer{Name: d.Name, Verdict: d.Verdict, HTTPStatus: d.HTTPStatus, Body: d.Body, Reason: d.Reason, Raw: d.Message}
	if d.Connection != nil {
		a.Principal = d.Connection.SourcePrincipal
		a.ClientTLS = d.Connection.ClientTLS
		a.SecureNaming = d.Connection.SecureNaming
	}
	if by := d.DecidedBy; by != nil && by.Kind == "AuthorizationPolicy" && by.Name != "" {
		a.Policy = by.Namespace + "/" + by.Name
		a.Rule = by.Rule
	}
	if len(d.Error) > 0 && string(d.Error) != "null" {
		a.Error = string(d.Error)
	} else if d.Verdict == "" {
		a.Error = "the decision has no verdict"
	}
	return a
}
