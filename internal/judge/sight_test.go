package judge

import "testing"

func TestClosedPortsAreNoSight(t *testing.T) {
	if (Saw{Path: "tcp.open.open", Value: false, closed: true}).answered() {
		t.Error("a closed port is taken for the sight of a system")
	}
	for _, c := range []struct {
		path  string
		value any
		want  bool
	}{
		{"tls.versions.tls10", false, true},
		{"tcp.open.open", true, true},
		{"host.snmp.default_community", false, false},
		{"host.snmp.silent", true, false},
		{"attest.met", true, false},
	} {
		if got := (Saw{Path: c.path, Value: c.value}).answered(); got != c.want {
			t.Errorf("%s = %v: %v, want %v", c.path, c.value, got, c.want)
		}
	}
}
