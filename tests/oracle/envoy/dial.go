package envoy

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"
)

// Patience bounds every wait for the proxy.
const Patience = 5 * time.Second

// Dial describes one connection as the destination's proxy shall see it.
type Dial struct {
	Socket string
	From   netip.Addr
	To     netip.AddrPort
	TLS    *TLS // nil: plaintext
}

// TLS is the client's side of a handshake.
type TLS struct {
	SNI      string
	ALPN     []string
	Identity *Identity // nil: no client certificate
	Names    []string  // server identities accepted; empty: any
	MeshOnly bool      // a certificate from outside the mesh is refused
}

// ErrNaming says that the server's identity is not among the accepted ones.
var ErrNaming = errors.New("the server's identity is not one the client accepts")

// ErrForeign says that the server's certificate is not the mesh's.
var ErrForeign = errors.New("the server's certificate does not come from the mesh")

// Conn is an open connection with the address the journal knows it by.
type Conn struct {
	net.Conn
	reader *bufio.Reader
	key    string
	proxy  *Proxy
}

type portCounter struct{ next atomic.Uint32 }

func (c *portCounter) take() uint16 { return uint16(1024 + c.next.Add(1)%64000) }

// Dial connects, announces the addresses and shakes hands. The connection comes back even when the handshake fails.
func (p *Proxy) Dial(d Dial) (*Conn, error) {
	raw, err := net.DialTimeout("unix", d.Socket, Patience)
	if err != nil {
		return nil, err
	}
	from := netip.AddrPortFrom(d.From, p.ports.take())
	c := &Conn{Conn: raw, key: from.String(), proxy: p}
	_ = raw.SetDeadline(time.Now().Add(Patience))
	if _, err := raw.Write(announcement(from, d.To)); err != nil {
		return c, err
	}
	if d.TLS != nil {
		shaken := tls.Client(raw, d.TLS.config())
		c.Conn = shaken
		if err := shaken.Handshake(); err != nil {
			return c, err
		}
	}
	c.reader = bufio.NewReaderSize(c.Conn, 4096)
	return c, nil
}

func (t *TLS) config() *tls.Config {
	config := &tls.Config{
		ServerName: t.SNI, NextProtos: t.ALPN, MinVersion: tls.VersionTLS12, SessionTicketsDisabled: true,
		InsecureSkipVerify:    true, //nolint:gosec // identities are checked below, as the caller's proxy would
		VerifyPeerCertificate: t.verify,
	}
	if t.Identity != nil {
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &t.Identity.TLS, nil }
	}
	return config
}

func (t *TLS) verify(chain [][]byte, _ [][]*x509.Certificate) error {
	if len(chain) == 0 {
		return ErrForeign
	}
	cert, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return err
	}
	if slices.Contains(cert.DNSNames, AppName) {
		if t.MeshOnly {
			return ErrForeign
		}
		return nil
	}
	if len(t.Names) == 0 {
		return nil
	}
	for _, uri := range cert.URIs {
		if slices.Contains(t.Names, uri.String()) {
			return nil
		}
	}
	return fmt.Errorf("%w: %v", ErrNaming, cert.URIs)
}

// Established says whether the connection got as far as carrying requests.
func (c *Conn) Established() bool { return c.reader != nil }

// Closing ends the connection and gives what the proxy noted about it.
func (c *Conn) Closing() Closing {
	_ = c.Conn.Close()
	noted, _ := c.proxy.journal.closing(c.key, Patience)
	return noted
}

// announcement is a PROXY protocol header, version 2.
func announcement(from, to netip.AddrPort) []byte {
	header := []byte("\r\n\r\n\x00\r\nQUIT\n\x21")
	a, b := from.Addr(), to.Addr()
	family := byte(0x11)
	if a.Is6() || b.Is6() {
		family = 0x21
		a, b = netip.AddrFrom16(a.As16()), netip.AddrFrom16(b.As16())
	}
	addresses := slices.Concat(a.AsSlice(), b.AsSlice())
	header = append(header, family)
	header = binary.BigEndian.AppendUint16(header, uint16(len(addresses)+4))
	header = append(header, addresses...)
	header = binary.BigEndian.AppendUint16(header, from.Port())
	return binary.BigEndian.AppendUint16(header, to.Port())
}
