// Package scenario holds the question put to a mesh and the answers that come back:
// the same JSON that `meshsec simulate batch` reads and prints.
package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Scenario is one request put to the mesh.
type Scenario struct {
	Name     string                     `json:"name,omitempty"`
	From     *From                      `json:"from,omitempty"` // nil: a caller outside the mesh
	To       To                         `json:"to"`
	Protocol string                     `json:"protocol,omitempty"` // http, http2, grpc, tcp
	Method   string                     `json:"method,omitempty"`
	Path     string                     `json:"path,omitempty"`
	Host     string                     `json:"host,omitempty"`
	Headers  map[string]Values          `json:"headers,omitempty"`
	Token    string                     `json:"token,omitempty"`
	RemoteIP string                     `json:"remoteIp,omitempty"`
	TLS      *TLS                       `json:"tls,omitempty"`
	At       string                     `json:"at,omitempty"`
	ExtAuthz *ExtAuthz                  `json:"extAuthz,omitempty"`
	JWKS     map[string]json.RawMessage `json:"jwks,omitempty"` // file name, key set object, or "unreachable"
	Expect   *Expect                    `json:"expect,omitempty"`
}

// From is the caller.
type From struct {
	Workload       string `json:"workload,omitempty"` // ns/name
	ServiceAccount string `json:"serviceAccount,omitempty"`
	Principal      string `json:"principal,omitempty"`
	Namespace      string `json:"namespace,omitempty"`
	Sidecar        *bool  `json:"sidecar,omitempty"`
	IP             string `json:"ip,omitempty"`
	Kubelet        bool   `json:"kubelet,omitempty"`
}

// To is the destination.
type To struct {
	Service  string `json:"service,omitempty"` // name.namespace
	Workload string `json:"workload,omitempty"`
	Port     int    `json:"port,omitempty"`
	IP       string `json:"ip,omitempty"`
	Subset   string `json:"subset,omitempty"`
	App      *App   `json:"app,omitempty"`
}

// App is what listens behind the destination's proxy.
type App struct {
	TLS bool `json:"tls,omitempty"`
}

// TLS overrides the client side of the connection.
type TLS struct {
	Mode string `json:"mode,omitempty"` // auto, disable, simple, mutual, istio-mutual
	SNI  string `json:"sni,omitempty"`
}

// Values are the values of one header: one line each.
type Values []string

// ExtAuthz says what CUSTOM providers would answer: one word for all, or a word per provider.
type ExtAuthz struct {
	All      string
	Provider map[string]string
}

// Expect is what a scenario claims the decision to be.
type Expect struct {
	Verdict    string `json:"verdict,omitempty"`
	HTTPStatus *int   `json:"httpStatus,omitempty"`
	Policy     string `json:"policy,omitempty"`
	Rule       *int   `json:"rule,omitempty"`
	Reason     string `json:"reason,omitempty"`
}

// Answer looks up the word of one provider; without one it is "undetermined".
func (e *ExtAuthz) Answer(provider string) string {
	if e == nil {
		return "undetermined"
	}
	if word, ok := e.Provider[provider]; ok {
		return word
	}
	if e.All != "" {
		return e.All
	}
	return "undetermined"
}

// MarshalJSON writes one value as a string, several as a list.
func (v Values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return plain(v[0])
	}
	return plain([]string(v))
}

// UnmarshalJSON reads a string or a list.
func (v *Values) UnmarshalJSON(data []byte) error {
	if isString(data) {
		var one string
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		*v = Values{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(v))
}

// MarshalJSON writes the word, or the map of words.
func (e ExtAuthz) MarshalJSON() ([]byte, error) {
	if e.Provider != nil {
		return plain(e.Provider)
	}
	return plain(e.All)
}

// UnmarshalJSON reads the word, or the map of words.
func (e *ExtAuthz) UnmarshalJSON(data []byte) error {
	if isString(data) {
		return json.Unmarshal(data, &e.All)
	}
	return json.Unmarshal(data, &e.Provider)
}

// UnmarshalJSON reads the object or the shorthand `namespace/workload`.
func (f *From) UnmarshalJSON(data []byte) error {
	if isString(data) {
		return json.Unmarshal(data, &f.Workload)
	}
	type same From
	return strict(data, (*same)(f))
}

// UnmarshalJSON reads the object or the shorthand `service.namespace[:port]`, `namespace/workload[:port]`.
func (t *To) UnmarshalJSON(data []byte) error {
	if !isString(data) {
		type same To
		return strict(data, (*same)(t))
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	name, port, found := strings.Cut(text, ":")
	if found {
		number, err := strconv.Atoi(port)
		if err != nil {
			return fmt.Errorf("to %q: the port is not a number", text)
		}
		t.Port = number
	}
	if strings.Contains(name, "/") {
		t.Workload = name
	} else {
		t.Service = name
	}
	return nil
}

// UnmarshalJSON reads the object or the bare verdict.
func (e *Expect) UnmarshalJSON(data []byte) error {
	if isString(data) {
		return json.Unmarshal(data, &e.Verdict)
	}
	type same Expect
	return strict(data, (*same)(e))
}

// Parse reads one scenario; an unknown key is an error.
func Parse(line []byte) (Scenario, error) {
	var s Scenario
	err := strict(line, &s)
	return s, err
}

// ParseLines reads JSON Lines; blank lines are skipped.
func ParseLines(data []byte) ([]Scenario, error) {
	var all []Scenario
	for number, line := range bytes.Split(data, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		s, err := Parse(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number+1, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// Line is the scenario as one line of JSON, without the newline.
func (s Scenario) Line() []byte {
	data, err := plain(s)
	if err != nil {
		panic(err) // only strings, numbers and raw JSON made by us are inside
	}
	return data
}

// Lines joins scenarios to JSON Lines.
func Lines(all []Scenario) []byte {
	var out bytes.Buffer
	for _, s := range all {
		out.Write(s.Line())
		out.WriteByte('\n')
	}
	return out.Bytes()
}

// plain marshals without rewriting <, > and &: tokens and paths stay readable.
func plain(value any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

func strict(data []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

func isString(data []byte) bool {
	data = bytes.TrimSpace(data)
	return len(data) > 0 && data[0] == '"'
}
