// SPDX-License-Identifier: Apache-2.0
// churn: changes the applications that load made, at a steady pace.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// churnMain patches VirtualServices in turn, -rate times a second for -for, and prints how many changes were made and how
// many a second: a server that cannot keep up makes fewer. Application 0 is left alone: it is the one that is measured.
func churnMain(args []string) error {
	flags := flag.NewFlagSet("churn", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "kubeconfig of the server")
	apps := flags.Int("apps", 1000, "applications that load made")
	rate := flags.Float64("rate", 100, "changes a second")
	span := flags.Duration("for", time.Minute, "how long")
	parallel := flags.Int("parallel", 32, "requests at a time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *apps < 2 || *rate <= 0 {
		return fmt.Errorf("churn needs -apps of at least 2 and a -rate above 0")
	}
	client, server, err := connect(*kubeconfig)
	if err != nil {
		return err
	}
	made, seconds, err := churn(client, server, *apps, *rate, *span, *parallel)
	fmt.Printf("%d changes, %.0f a second\n", made, float64(made)/seconds)
	return err
}

// churn gives every change an instant of its own, so that a late one does not slow down those after it.
func churn(client *http.Client, server string, apps int, rate float64, span time.Duration,
	parallel int) (int64, float64, error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	start := time.Now()
	var next, made atomic.Int64
	var workers sync.WaitGroup
	for range parallel {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := next.Add(1) - 1
				at := start.Add(time.Duration(float64(i) / rate * float64(time.Second)))
				if at.Sub(start) >= span || time.Since(start) >= span {
					return
				}
				time.Sleep(time.Until(at))
				done, err := change(client, server, apps, i)
				if err != nil {
					cancel(err)
					return
				}
				if done {
					made.Add(1)
				}
			}
		})
	}
	workers.Wait()
	return made.Load(), time.Since(start).Seconds(), context.Cause(ctx)
}

// change gives the i-th VirtualService, in turn, an annotation that it did not have. False where the server is too busy.
func change(client *http.Client, server string, apps int, i int64) (bool, error) {
	app := 1 + int(i%int64(apps-1))
	url := fmt.Sprintf("%s%s/namespaces/%s/virtualservices/app-%05d", server, istio,
		namespaceName(app%max(1, apps/10)), app)
	body := fmt.Sprintf(`{"metadata":{"annotations":{"bench.example.com/change":"%d"}}}`, i)
	request, err := http.NewRequest(http.MethodPatch, url, bytes.NewReader([]byte(body)))
	if err != nil {
		return false, err
	}
	request.Header.Set("Content-Type", "application/merge-patch+json")
	answer, err := client.Do(request)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return false, err
	case answer.StatusCode == http.StatusTooManyRequests: // the server's own brake
		return false, nil
	case answer.StatusCode >= 300:
		return false, fmt.Errorf("PATCH %s: %d %s", url, answer.StatusCode, text)
	}
	return true, nil
}
