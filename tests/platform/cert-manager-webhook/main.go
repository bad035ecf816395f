// SPDX-License-Identifier: Apache-2.0
// cert-manager's webhook: the module has no main for it, so this is one.
//
// What the server checks is internal to the module. Its way out is test/webhook, which starts the very
// server for a test, so this is a program of one test that lasts until SIGTERM.
package main

import (
	"flag"
	"os"
	"os/signal"
	"syscall"
	"testing"

	server "github.com/cert-manager/cert-manager/pkg/webhook/server"
	testwebhook "github.com/cert-manager/cert-manager/test/webhook"
)

func main() {
	testing.Init()
	port := flag.Int("secure-port", 10250, "where to listen")
	cert := flag.String("tls-cert-file", "", "what to serve with")
	key := flag.String("tls-private-key-file", "", "its key")
	flag.Parse()
	kubeconfig := flag.Lookup("kubeconfig").Value.String() // a flag of controller-runtime's

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	serve := func(t *testing.T) {
		args := []string{"--kubeconfig", kubeconfig, "--tls-cert-file", *cert, "--tls-private-key-file", *key}
		_, end := testwebhook.StartWebhookServer(t, args, func(s *server.Server) {
			s.ListenAddr = *port // it is 0 for a test
			s.HealthzAddr = nil
		})
		<-stop
		end()
	}
	all := func(string, string) (bool, error) { return true, nil }
	testing.Main(all, []testing.InternalTest{{Name: "webhook", F: serve}}, nil, nil)
}
