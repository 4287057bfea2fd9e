package service

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
)

// An api is a data service or a steering one over HTTP. Of what it answers
// only the status and the words that prove it are kept.
type api struct {
	product string
	ports   []int // asked there even where the first page tells no product
	signs   []string
	steps   []step
}

// A step asks for one path. All must be let through for the door to be open.
type step struct {
	method, path, body string
	proves             string // in an answer of status 200
	first              bool   // the answer begins with it: a page of anything may hold it
	denies             string // in an answer of another status, beside 401 and 403
	data               bool   // its answer holds what is nobody's business
}

var apis = []api{
	{"Elasticsearch", []int{9200}, []string{"Elasticsearch", "OpenSearch"}, []step{
		{path: "/", proves: `"cluster_name"`}, {path: "/_cat/indices?h=status", data: true}}},
	{"Docker", []int{2375, 2376}, []string{"Docker"}, []step{{path: "/version", proves: `"ApiVersion"`}}},
	// Anybody may see /version by default, so it proves nothing.
	{"Kubernetes", []int{6443}, []string{"Kubernetes"}, []step{{path: "/api/v1/namespaces?limit=1", proves: "NamespaceList", data: true}}},
	{"kubelet", []int{10250, 10255}, nil, []step{{path: "/pods", proves: "PodList", data: true}}},
	{"etcd", []int{2379, 4001}, nil, []step{
		{path: "/version", proves: `"etcdserver"`},
		// the key with a zero byte for a name, and the number of them only
		{method: "POST", path: "/v3/kv/range", body: `{"key":"AA==","count_only":true,"limit":1}`, proves: `"header"`, denies: "user name is empty", data: true}}},
	{"CouchDB", []int{5984}, []string{"CouchDB"}, []step{{path: "/_all_dbs", proves: "[", first: true, data: true}}},
	{"InfluxDB", []int{8086}, []string{"InfluxDB"}, []step{{path: "/query?q=SHOW+DATABASES", proves: `"results"`, data: true}}},
	{"ClickHouse", []int{8123}, []string{"ClickHouse"}, []step{{path: "/?query=SELECT%201", proves: "1\n", first: true, denies: "uthentication failed"}}},
}

// apiOf gives the one whose sign a web server showed.
func apiOf(s Service) (api, bool) {
	for _, a := range apis {
		if slices.Contains(a.signs, s.Product) {
			return a, true
		}
	}
	return api{}, false
}

// apisAt gives those that a web server without a sign may be.
func apisAt(s Service, port int) (out []api) {
	for _, a := range apis {
		if slices.Contains(a.ports, port) {
			out = append(out, a)
		}
	}
	for _, a := range apis {
		if s.Product == "Go" && len(a.signs) == 0 && !slices.Contains(a.ports, port) {
			out = append(out, a)
		}
	}
	return out
}

// askWeb asks what the server is known to be, or may be, each in turn: one that
// does not know a path is not that product. One that is none of them may still
// be a proxy.
func askWeb(ctx context.Context, t Target) (Access, error) {
	if a, ok := apiOf(t.Service); ok {
		return a.ask(ctx, t)
	}
	var untold error
	for _, a := range apisAt(t.Service, t.Port) {
		switch got, err := a.ask(ctx, t); {
		case got.Door != Untold || cannotDial(err) || ctx.Err() != nil:
			return got, err
		case !errors.Is(err, errNotIt):
			untold = err
		}
	}
	if untold != nil {
		return Access{}, untold
	}
	a, err := askProxy(ctx, t)
	if a.Door != Open && err == nil && isConsole(t.Service) {
		return Access{Traits: a.Traits}, fmt.Errorf("%w: the pages of %s are not looked into", ErrNeedsLogin, t.Service.Product)
	}
	if a.Door != Open && err == nil {
		return Access{Traits: a.Traits}, ErrNoQuestion
	}
	return a, err
}

// isConsole tells of products that show data or steer something, and of which
// no page is asked: whether a stranger gets in is not known.
func isConsole(s Service) bool {
	return slices.Contains([]string{"Jenkins", "Kibana", "Grafana", "RabbitMQ management"}, s.Product)
}

// errNotIt says that a web server is another product.
var errNotIt = errors.New("it is another product")

func (a api) ask(ctx context.Context, t Target) (got Access, err error) {
	_, known := apiOf(t.Service)
	for i, s := range a.steps {
		err = t.speak(ctx, func(k *talk) error {
			if s.data {
				t.quiet(k)
			}
			method := or(s.method, "GET")
			p, err := k.get(method, t.hostPort(), s.path, s.body)
			if err != nil {
				return err
			}
			label := a.product + ": " + method + " " + s.path + ": "
			switch {
			case p.status == 200 && s.proved(p.body):
				got = open("%s200 %s", label, strings.TrimSpace(s.proves))
			case p.status == 401, p.status == 403, s.denies != "" && strings.Contains(p.body, s.denies):
				got = shut("%s%d", label, p.status)
			case i == 0 && !known && p.status < 500:
				return errNotIt
			default:
				return strange(label+strconv.Itoa(p.status), nil)
			}
			return nil
		})
		if err != nil {
			return Access{}, err
		}
		if got.Door != Open {
			return got, nil
		}
	}
	return got, nil
}

func (s step) proved(body string) bool {
	if s.first {
		return strings.HasPrefix(body, s.proves)
	}
	return strings.Contains(body, s.proves)
}

func (t Target) hostPort() string { return net.JoinHostPort(t.Host, strconv.Itoa(t.Port)) }
