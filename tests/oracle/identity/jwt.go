package identity

import (
	"github.com/spiffe/go-spiffe/v2/bundle/spiffebundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/jwtsvid"
)

// Token is a JWT-SVID, the SPIFFE bundle to verify it with, and who was asked to accept it.
type Token struct {
	Token       string `json:"token"`
	Bundle      string `json:"bundle"`
	TrustDomain string `json:"trustDomain"`
	Audience    string `json:"audience"`
}

// Accepted is what go-spiffe says to it, now.
type Accepted struct {
	ID       string   `json:"id"`
	Audience []string `json:"audience"`
	Error    string   `json:"error"`
}

func verifyToken(token Token) Accepted {
	domain, err := spiffeid.TrustDomainFromString(token.TrustDomain)
	if err != nil {
		return Accepted{Error: "trust domain: " + err.Error()}
	}
	bundle, err := spiffebundle.Parse(domain, []byte(token.Bundle))
	if err != nil {
		return Accepted{Error: "bundle: " + err.Error()}
	}
	svid, err := jwtsvid.ParseAndValidate(token.Token, bundle.JWTBundle(), []string{token.Audience})
	if err != nil {
		return Accepted{Error: err.Error()}
	}
	return Accepted{ID: svid.ID.String(), Audience: svid.Audience}
}
