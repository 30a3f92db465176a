package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/storage/wal"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/keyutil"
)

// home is the folder of a server: what it holds makes the next start the same server.
type home struct {
	dir   string
	port  int
	token string
}

// open reads a folder's port and token, or chooses them.
func open(dir string) (*home, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	h := &home{dir: dir}
	text, err := h.remember("port", func() (string, error) {
		port, err := freePort()
		return strconv.Itoa(port), err
	})
	if err != nil {
		return nil, err
	}
	if h.port, err = strconv.Atoi(text); err != nil {
		return nil, err
	}
	if h.token, err = h.remember("token", func() (string, error) {
		random := make([]byte, 16)
		_, err := rand.Read(random)
		return hex.EncodeToString(random), err
	}); err != nil {
		return nil, err
	}
	if _, err = h.remember("tokens.csv", func() (string, error) {
		return h.token + ",admin,admin,system:masters\n", nil
	}); err != nil {
		return nil, err
	}
	_, err = h.remember("accounts.key", func() (string, error) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return "", err
		}
		text, err := keyutil.MarshalPrivateKeyToPEM(key)
		return string(text), err
	})
	return h, err
}

func (h *home) path(name string) string { return filepath.Join(h.dir, name) }

func (h *home) url() string { return "https://127.0.0.1:" + strconv.Itoa(h.port) }

// certificate is made by the server at its first start; the file holds the leaf and its authority.
func (h *home) certificate() string { return h.path("certificates/apiserver.crt") }

// remember gives a file's text; a file that is not there gets the text made now.
func (h *home) remember(name string, choose func() (string, error)) (string, error) {
	known, err := os.ReadFile(h.path(name))
	if err == nil {
		return strings.TrimSpace(string(known)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	text, err := choose()
	if err != nil {
		return "", err
	}
	return text, os.WriteFile(h.path(name), []byte(text), 0o600)
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// startEtcd serves on sockets in the folder. Nothing is forced onto the disk: data outlives the process, and a power cut
// ends the test anyway.
func startEtcd(h *home) (*embed.Etcd, error) {
	// A segment is allocated whole, and the default is 64 MB.
	wal.SegmentSizeBytes = 4 << 20
	config := embed.NewConfig()
	config.Dir = h.path("etcd")
	if len(h.path("etcd.sock")) > 107 {
		return nil, errors.New("the folder's path is too long for a socket in it")
	}
	for _, name := range []string{"etcd.sock", "peer.sock"} {
		if err := os.Remove(h.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	// The addresses it would tell others stay the defaults, which nobody asks for and nothing listens on.
	config.ListenClientUrls, config.ListenPeerUrls = socket(h.path("etcd.sock")), socket(h.path("peer.sock"))
	config.UnsafeNoFsync = true
	config.LogLevel = "warn"
	config.LogOutputs = []string{h.path("etcd.log")}
	config.WarningUnaryRequestDuration = 5 * time.Second
	store, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	select {
	case <-store.Server.ReadyNotify():
		return store, nil
	case <-time.After(patience):
		store.Close()
		return nil, errors.New("etcd is not ready")
	}
}

func (h *home) flags() []string {
	return []string{
		"--etcd-servers=unix://" + h.path("etcd.sock"),
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--endpoint-reconciler-type=none",
		"--secure-port=" + strconv.Itoa(h.port),
		"--cert-dir=" + h.path("certificates"),
		"--token-auth-file=" + h.path("tokens.csv"),
		"--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + h.path("accounts.key"),
		"--service-account-signing-key-file=" + h.path("accounts.key"),
		"--service-cluster-ip-range=10.0.0.0/24",
		// It would wait for a controller to make the account `default` of a namespace.
		"--disable-admission-plugins=ServiceAccount",
		"--profiling=false",
	}
}

// kubeconfig is the administrator's.
func (h *home) kubeconfig() (clientcmdapi.Config, error) {
	const name = "test"
	certificate, err := os.ReadFile(h.certificate())
	return clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{name: {Server: h.url(), CertificateAuthorityData: certificate}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"admin": {Token: h.token}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: "admin"}},
		CurrentContext: name,
	}, err
}

func socket(path string) []url.URL { return []url.URL{{Scheme: "unix", Path: path}} }
