package checks

import (
	"errors"
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/service"
)

// TestReadDoors holds what is concluded of the doors of a host: yes from one,
// no from all, and nothing where one is missing.
func TestReadDoors(t *testing.T) {
	shut := func(protocol string) door {
		return door{Spoken{Protocol: protocol}, service.Access{Door: service.Shut}, nil}
	}
	open := func(protocol string) door {
		return door{Spoken{Protocol: protocol}, service.Access{Door: service.Open}, nil}
	}
	untold := func(protocol string, err error, traits map[string]bool) door {
		return door{Spoken{Protocol: protocol}, service.Access{Traits: traits}, err}
	}
	gap := fact.Because(fact.Timeout, "port 1: mute")
	any := func(a Access) fact.Maybe[bool] { return a.AnyAnonymous }
	strangers := func(a Access) fact.Maybe[bool] { return a.Strangers }
	smb1 := func(a Access) fact.Maybe[bool] { return a.SMB1 }
	proxy := func(a Access) fact.Maybe[bool] { return a.OpenProxy }
	vnc := func(a Access) fact.Maybe[bool] { return a.VNCOpen }
	for name, c := range map[string]struct {
		doors []door
		gap   *fact.Unknown
		of    func(Access) fact.Maybe[bool]
		want  string
	}{
		"nothing there":             {nil, nil, any, "no"},
		"something not recognised":  {nil, gap, any, "timeout"},
		"all shut":                  {[]door{shut("redis"), shut("mongodb")}, nil, any, "no"},
		"all shut, one missing":     {[]door{shut("redis")}, gap, any, "timeout"},
		"one open":                  {[]door{shut("redis"), open("mongodb")}, gap, any, "yes"},
		"one untold":                {[]door{shut("redis"), untold("mongodb", errors.New("x"), nil)}, nil, any, "unanswered"},
		"one for those who log in":  {[]door{untold("mysql", service.ErrNeedsLogin, nil)}, nil, any, "skipped"},
		"strangers are not let in":  {[]door{untold("mysql", service.ErrNeedsLogin, nil)}, nil, strangers, "no"},
		"strangers, not told":       {[]door{untold("redis", service.ErrMute, nil)}, nil, strangers, "timeout"},
		"mail is no data service":   {[]door{untold("smtp", service.ErrNoQuestion, nil)}, nil, any, "no"},
		"SMB 1":                     {[]door{untold("microsoft-ds", service.ErrNeedsLogin, map[string]bool{service.SMB1: true})}, gap, smb1, "yes"},
		"no SMB 1":                  {[]door{untold("microsoft-ds", service.ErrNeedsLogin, map[string]bool{service.SMB1: false})}, nil, smb1, "no"},
		"SMB that said nothing":     {[]door{untold("microsoft-ds", service.ErrMute, nil)}, nil, smb1, "timeout"},
		"a web server, no proxy":    {[]door{untold("http", service.ErrNoQuestion, map[string]bool{service.OpenProxy: false})}, nil, proxy, "no"},
		"a web server, not told":    {[]door{untold("http", service.ErrMute, nil)}, nil, proxy, "timeout"},
		"a web server that is etcd": {[]door{{Spoken{Protocol: "http", Product: "etcd"}, service.Access{Door: service.Shut}, nil}}, nil, proxy, "no"},
		"an open web proxy counts":  {[]door{{Spoken{Protocol: "http"}, service.Access{Door: service.Open, Traits: map[string]bool{service.OpenProxy: true}}, nil}}, nil, any, "yes"},
		"VNC with a password":       {[]door{shut("rfb")}, nil, vnc, "no"},
		"VNC that is not told":      {[]door{untold("rfb", service.ErrNeedsLogin, nil)}, nil, vnc, "skipped"},
	} {
		got := "no"
		if yes, u := c.of(readDoors(c.doors, c.gap)).Get(); u != nil {
			got = string(u.Cause)
		} else if yes {
			got = "yes"
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// A web server that shut its door before it was asked whether it is a proxy is
// none for that only where it said what it is.
func TestAnUnknownWebServerMayBeAProxy(t *testing.T) {
	for product, known := range map[string]bool{"": false, "Elasticsearch": true} {
		f := readDoors([]door{{Spoken: Spoken{Port: 9200, Protocol: "http", Product: product}, Access: service.Access{Door: service.Shut}}}, nil)
		if _, unknown := f.OpenProxy.Get(); (unknown == nil) != known {
			t.Errorf("%q: open proxy unknown because %v, want known: %v", product, unknown, known)
		}
	}
}
