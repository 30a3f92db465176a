package envoy

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/http2"
)

// Ping is what TCP callers send; the application answers with the way it arrived in front.
const Ping = "oracle-ping\n"

// AppName is the DNS name in the application's own certificate, so that clients see who ended their TLS.
const AppName = "app.oracle"

// app is the workload behind the proxy: it takes plain bytes and TLS, HTTP/1.1, HTTP/2 and the ping.
type app struct{ identity *Identity }

func (a app) serve(on net.Listener) {
	for {
		c, err := on.Accept()
		if err != nil {
			return
		}
		go a.talk(c, "plain")
	}
}

func (a app) talk(c net.Conn, arrived string) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	reader := bufio.NewReader(c)
	first, err := reader.Peek(1)
	if err != nil {
		return
	}
	back := buffered{Conn: c, reader: reader}
	if first[0] == 0x16 && arrived == "plain" {
		a.talk(tls.Server(back, &tls.Config{Certificates: []tls.Certificate{a.identity.TLS}, NextProtos: []string{"h2", "http/1.1"}}), "tls")
		return
	}
	if head, _ := reader.Peek(3); string(head) == "PRI" {
		(&http2.Server{}).ServeConn(back, &http2.ServeConnOpts{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(detailsHeader, "app-"+arrived)
		})})
		return
	}
	var request []byte
	for {
		line, err := reader.ReadBytes('\n')
		request = append(request, line...)
		switch {
		case err != nil:
			return
		case string(line) == Ping:
			_, _ = c.Write([]byte(arrived + ":" + Ping))
			return
		case bytes.HasSuffix(request, []byte("\r\n\r\n")):
			request = nil
			if _, err := c.Write([]byte("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n" + detailsHeader + ": app-" + arrived + "\r\n\r\n")); err != nil {
				return
			}
		}
	}
}

// buffered gives back what was peeked at.
type buffered struct {
	net.Conn
	reader *bufio.Reader
}

func (b buffered) Read(p []byte) (int, error) { return b.reader.Read(p) }

// ReachedApp says whether the reason names the application and whether it ended TLS itself.
func ReachedApp(details string) (reached, overTLS bool) {
	way, ok := strings.CutPrefix(details, "app-")
	return ok, way == "tls"
}
