package checks

import (
	"slices"
	"testing"
)

func TestPortLists(t *testing.T) {
	d := DefaultPorts()
	if n := len(d.Ports); n < 110 || n > 140 {
		t.Errorf("%d default ports", n)
	}
	for _, c := range portClasses {
		for _, p := range c.ports {
			if !slices.Contains(d.Ports, p.port) {
				t.Errorf("port %d of a class is not asked", p.port)
			}
		}
	}
	for _, l := range [][]int{d.Ports, withDeclared(d.Ports, []int{22, 22, 9999, 443})} {
		once := slices.Compact(slices.Sorted(slices.Values(l)))
		if len(once) != len(l) {
			t.Errorf("%d of %d ports are there twice", len(l)-len(once), len(l))
		}
	}
	if l := withDeclared([]int{443, 22}, []int{22, 9999}); !slices.Equal(l, []int{9999, 443, 22}) {
		t.Errorf("with declared: %v", l)
	}
	for given, want := range map[string][]int{"22,80,8000-8002": {80, 8000, 22, 8001, 8002}, "5-6, 5": {5, 6}, "default": d.Ports, "": d.Ports} {
		got, err := ParsePorts(given)
		if err != nil || !slices.Equal(got.Ports, want) {
			t.Errorf("%q: %v %v, want %v", given, got, err, want)
		}
	}
	if l, err := ParsePorts("all"); err != nil || l.Name != "all" || len(l.Ports) != 65535 || l.Ports[0] != 443 {
		t.Errorf("all: %s with %d, %v", l.Name, len(l.Ports), err)
	}
	for _, bad := range []string{"0", "65536", "80-22", "http", "22,,80", "-", "22-", ","} {
		if _, err := ParsePorts(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
