// SPDX-License-Identifier: Apache-2.0
// load: fills an API server with applications, as fast as it takes them.
package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

type object = map[string]any

// item is one object to create; with a status it is written in two steps, as a controller would.
type item struct {
	path   string
	object object
	status object
}

const (
	istio       = "/apis/networking.istio.io/v1"
	certManager = "/apis/cert-manager.io/v1"
	acme        = "/apis/acme.cert-manager.io/v1"
	domain      = "lead.prod.example.com"
	issued      = "2026-01-01T00:00:00Z"
	expires     = "2099-01-01T00:00:00Z"
)

// loadMain creates, for -apps N: N Gateways, VirtualServices and Services, and a tenth as many of
// Namespace, Certificate, CertificateRequest, Order and TLS Secret.
func loadMain(args []string) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "kubeconfig of the server to fill")
	apps := flags.Int("apps", 1000, "applications to create")
	parallel := flags.Int("parallel", 64, "requests at a time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	client, server, err := connect(*kubeconfig)
	if err != nil {
		return err
	}
	start := time.Now()
	created := 0
	for _, batch := range batches(*apps) {
		if err := createAll(client, server, batch, *parallel); err != nil {
			return err
		}
		created += len(batch)
	}
	fmt.Printf("created %d objects in %.1f s\n", created, time.Since(start).Seconds())
	return nil
}

func connect(kubeconfig string) (*http.Client, string, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, "", err
	}
	client, err := rest.HTTPClientFor(config)
	return client, strings.TrimSuffix(config.Host, "/"), err
}

// batches returns what must stand first (namespaces, the issuer) and then everything else.
func batches(apps int) [][]item {
	namespaces := max(1, apps/10)
	first := []item{
		{path: "/api/v1/namespaces", object: object{"metadata": object{"name": "istio-system"}}},
	}
	var rest []item
	for i := range namespaces {
		first = append(first, item{path: "/api/v1/namespaces",
			object: object{"metadata": object{"name": namespaceName(i)}}})
		rest = append(rest, certificate(namespaceName(i))...)
	}
	rest = append(rest, item{path: certManager + "/namespaces/istio-system/issuers", object: object{
		"apiVersion": "cert-manager.io/v1", "kind": "Issuer", "metadata": object{"name": "letsencrypt"},
		"spec": object{"acme": object{
			"server":              "https://acme-v02.api.letsencrypt.org/directory",
			"privateKeySecretRef": object{"name": "account"},
			"solvers":             []any{object{"dns01": object{"route53": object{"region": "us-east-1"}}}},
		}}}})
	rest = append(rest, ingressGateway()...)
	for i := range apps {
		rest = append(rest, application(i, namespaceName(i%namespaces))...)
	}
	return [][]item{first, rest}
}

func namespaceName(i int) string { return fmt.Sprintf("team-%04d", i) }

// certificate returns the wildcard of a namespace, issued: all objects lie in istio-system.
func certificate(namespace string) []item {
	wildcard := "*." + namespace + "." + domain
	name := namespace + "-wildcard"
	issuer := object{"name": "letsencrypt", "kind": "Issuer", "group": "cert-manager.io"}
	ready := func(reason string) []any {
		return []any{object{"type": "Ready", "status": "True", "reason": reason,
			"message": "Certificate is up to date and has not expired", "lastTransitionTime": issued}}
	}
	blob := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(namespace), 100))
	ns := "/namespaces/istio-system"
	return []item{
		{path: certManager + ns + "/certificates",
			object: object{"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": object{"name": name},
				"spec": object{"secretName": name, "dnsNames": []any{wildcard}, "issuerRef": issuer}},
			status: object{"conditions": ready("Ready"), "notBefore": issued, "notAfter": expires,
				"renewalTime": "2098-12-01T00:00:00Z", "revision": 1}},
		{path: certManager + ns + "/certificaterequests",
			object: object{"apiVersion": "cert-manager.io/v1", "kind": "CertificateRequest",
				"metadata": object{"name": name + "-1", "annotations": object{
					"cert-manager.io/certificate-name": name, "cert-manager.io/certificate-revision": "1"}},
				"spec": object{"request": blob, "issuerRef": issuer}},
			status: object{"conditions": ready("Issued"), "certificate": blob}},
		{path: acme + ns + "/orders",
			object: object{"apiVersion": "acme.cert-manager.io/v1", "kind": "Order",
				"metadata": object{"name": name + "-1-1", "annotations": object{
					"cert-manager.io/certificate-name": name}},
				"spec": object{"request": blob, "issuerRef": issuer, "dnsNames": []any{wildcard}}},
			status: object{"state": "valid", "url": "https://acme.example.com/order/" + namespace}},
		{path: "/api/v1" + ns + "/secrets",
			object: object{"type": "kubernetes.io/tls", "metadata": object{"name": name, "annotations": object{
				"cert-manager.io/certificate-name": name, "cert-manager.io/issuer-name": "letsencrypt"}},
				"data": object{"tls.crt": blob, "tls.key": blob}}},
	}
}

// ingressGateway returns the workload that the Gateways select and its Service.
func ingressGateway() []item {
	labels := object{"istio": "ingressgateway", "app": "istio-ingressgateway"}
	return []item{
		{path: "/api/v1/namespaces/istio-system/pods", object: object{
			"metadata": object{"name": "istio-ingressgateway-0", "labels": labels},
			"spec":     object{"containers": []any{object{"name": "istio-proxy", "image": "proxyv2"}}}}},
		{path: "/api/v1/namespaces/istio-system/services", object: object{
			"metadata": object{"name": "istio-ingressgateway"},
			"spec": object{"selector": labels, "externalIPs": []any{"192.0.2.1"},
				"ports": []any{object{"name": "https", "port": 443}}}}},
	}
}

// application returns a Gateway, a VirtualService of 3 to 12 rules and a Service.
func application(i int, namespace string) []item {
	name := fmt.Sprintf("app-%05d", i)
	host := name + "." + namespace + "." + domain
	ns := "/namespaces/" + namespace
	var rules []any
	to := func(target string) []any {
		return []any{object{"destination": object{"host": target, "port": object{"number": 9080}}}}
	}
	for rule := range 2 + i%10 {
		rules = append(rules, object{
			"name":  fmt.Sprintf("part-%d", rule),
			"match": []any{object{"uri": object{"prefix": fmt.Sprintf("/api/v1/part-%d", rule)}}},
			"route": to(name),
		})
	}
	rules = append(rules, object{"name": "rest", "route": to(name)})
	return []item{
		{path: istio + ns + "/gateways", object: object{
			"apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": object{"name": name},
			"spec": object{"selector": object{"istio": "ingressgateway"}, "servers": []any{object{
				"port":  object{"number": 443, "name": "https", "protocol": "HTTPS"},
				"hosts": []any{host},
				"tls":   object{"mode": "SIMPLE", "credentialName": namespace + "-wildcard"},
			}}}}},
		{path: istio + ns + "/virtualservices", object: object{
			"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": object{"name": name},
			"spec": object{"hosts": []any{host}, "gateways": []any{name}, "http": rules}}},
		{path: "/api/v1" + ns + "/services", object: object{
			"metadata": object{"name": name},
			"spec": object{"selector": object{"app": name}, "clusterIP": "None",
				"ports": []any{object{"name": "http", "port": 9080}}}}},
	}
}

// createAll creates the items, parallel at a time, and returns the first error.
func createAll(client *http.Client, server string, items []item, parallel int) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range parallel {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(items) {
					return
				}
				if err := create(ctx, client, server, items[i]); err != nil {
					cancel(err)
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

func create(ctx context.Context, client *http.Client, server string, it item) error {
	made, err := send(ctx, client, http.MethodPost, server+it.path, it.object)
	if err != nil || it.status == nil {
		return err
	}
	made["status"] = it.status
	name := made["metadata"].(object)["name"].(string)
	_, err = send(ctx, client, http.MethodPut, server+it.path+"/"+name+"/status", made)
	return err
}

func send(ctx context.Context, client *http.Client, method, url string, body object) (object, error) {
	for {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		request.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(request)
		if err != nil {
			return nil, err
		}
		text, err = io.ReadAll(answer.Body)
		answer.Body.Close()
		switch {
		case err != nil:
			return nil, err
		case answer.StatusCode == http.StatusTooManyRequests: // the server's own brake: ask again
			continue
		case answer.StatusCode >= 300:
			return nil, fmt.Errorf("%s %s: %d %s", method, url, answer.StatusCode, text)
		}
		made := object{}
		if err := json.Unmarshal(text, &made); err != nil {
			return nil, errors.Join(errors.New(url), err)
		}
		return made, nil
	}
}
