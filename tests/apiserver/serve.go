package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

// patience is how long a server may take to be ready, and how long to stop.
const patience = 90 * time.Second

// serve runs both servers until standard input closes: whoever started this has then gone, however it went.
func serve(dir, crds string) error {
	home, err := open(dir)
	if err != nil {
		return err
	}
	store, err := startEtcd(home)
	if err != nil {
		return err
	}
	ended := make(chan int, 1)
	go func() { ended <- runAPIServer(home) }()

	closed := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(closed)
	}()

	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	ready := make(chan error, 1)
	go func() { ready <- prepare(ctx, home, crds) }()
	for {
		select {
		case err := <-ready:
			if err != nil {
				return fmt.Errorf("not ready: %w", err)
			}
			ready = nil
			if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"url": home.url()}); err != nil {
				return err
			}
		case code := <-ended:
			return fmt.Errorf("the server ended with %d", code)
		case <-store.Err():
			return errors.New("etcd ended")
		case <-closed:
			return shutdown(store, ended)
		}
	}
}

// runAPIServer is kube-apiserver's own command; it returns when the process is told to end.
func runAPIServer(h *home) int {
	command := app.NewAPIServerCommand()
	command.SetArgs(h.flags())
	return cli.Run(command)
}

// prepare waits for the server, installs the definitions, and writes down how to reach it.
func prepare(ctx context.Context, h *home, crds string) error {
	if err := h.waitUntilReady(ctx); err != nil {
		return err
	}
	kubeconfig, err := h.kubeconfig()
	if err != nil {
		return err
	}
	config, err := clientcmd.Write(kubeconfig)
	if err != nil {
		return err
	}
	client, err := clientcmd.RESTConfigFromKubeConfig(config)
	if err != nil {
		return err
	}
	if crds != "" {
		if err := install(ctx, client, crds); err != nil {
			return fmt.Errorf("%s: %w", crds, err)
		}
	}
	part := h.path("kubeconfig.part")
	if err := os.WriteFile(part, config, 0o600); err != nil {
		return err
	}
	return os.Rename(part, h.path("kubeconfig"))
}

func (h *home) waitUntilReady(ctx context.Context) error {
	var last error
	for {
		last = h.ready(ctx)
		if last == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return last
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (h *home) ready(ctx context.Context) error {
	if _, err := os.Stat(h.certificate()); err != nil {
		return err
	}
	transport, err := rest.TransportFor(&rest.Config{Host: h.url(), BearerToken: h.token, TLSClientConfig: rest.TLSClientConfig{CAFile: h.certificate()}})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url()+"/readyz", nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: transport, Timeout: 5 * time.Second}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("/readyz: %s", answer.Status)
	}
	return nil
}

// shutdown ends both as a SIGTERM does, in their order.
func shutdown(store *embed.Etcd, ended <-chan int) error {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	if err := self.Signal(os.Interrupt); err != nil {
		return err
	}
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		err = errors.New("kube-apiserver did not end")
	}
	done := make(chan struct{})
	go func() {
		store.Close()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
	}
	return err
}
