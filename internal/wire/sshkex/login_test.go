package sshkex

import (
	"slices"
	"strings"
	"testing"
)

// after is a session on which keys are in use, without their encryption.
func after(t *testing.T, says ...[]byte) *Session {
	t.Helper()
	s, err := Open(serverSays(append([][]byte{[]byte(greeting)}, says...)...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func refusal(methods string, partial byte) []byte {
	return packet(append(appendString([]byte{msgAuthFailure}, methods), partial))
}

func TestNone(t *testing.T) {
	notice := packet(appendString(appendString([]byte{msgAuthBanner}, strings.Repeat("x", 3000)), ""))
	for name, c := range map[string]struct {
		says [][]byte
		want Login
		err  string
	}{
		"refuses":          {[][]byte{refusal("publickey,password", 0)}, Login{Methods: []string{"publickey", "password"}}, ""},
		"one step passed":  {[][]byte{refusal("keyboard-interactive", 1)}, Login{Methods: []string{"keyboard-interactive"}, Partial: true}, ""},
		"no way at all":    {[][]byte{refusal("", 0)}, Login{Methods: []string{}}, ""},
		"lets in":          {[][]byte{packet(extInfo("x", "y")), packet([]byte{msgAuthSuccess})}, Login{Accepted: true, Methods: []string{}}, ""},
		"long notices":     {[][]byte{notice, notice, refusal("x", 0)}, Login{Methods: []string{"x"}, Notice: strings.Repeat("x", maxNotice)}, ""},
		"notices alone":    {slices.Repeat([][]byte{notice}, 40), Login{}, "16 notices"},
		"many ways":        {[][]byte{refusal(strings.Repeat("a,", 40)+"a", 0)}, Login{}, "41 ways"},
		"cut short":        {[][]byte{packet([]byte{msgAuthFailure, 0, 0, 0, 9})}, Login{}, "cut short"},
		"malformed notice": {[][]byte{packet([]byte{msgAuthBanner, 0})}, Login{}, "notice is cut short"},
		"another message":  {[][]byte{packet([]byte{90})}, Login{}, "message 90"},
		"good-bye":         {[][]byte{packet(disconnect("no"))}, Login{}, "disconnects"},
		"closes":           {nil, Login{}, "EOF"},
	} {
		got, err := after(t, c.says...).None("nobody")
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", name, err, c.err)
		}
		if err == nil && (got.Accepted != c.want.Accepted || got.Partial != c.want.Partial || got.Notice != c.want.Notice || !slices.Equal(got.Methods, c.want.Methods)) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestService(t *testing.T) {
	accept := packet(appendString([]byte{msgServiceAccept}, userAuth))
	told := packet(extInfo("server-sig-algs", "ssh-ed25519"))
	for name, c := range map[string]struct {
		says [][]byte
		told bool
		n    int
		err  string
	}{
		"tells":           {[][]byte{told, accept}, true, 1, ""},
		"tells nothing":   {[][]byte{packet([]byte{msgIgnore}), accept}, false, 0, ""},
		"tells of none":   {[][]byte{packet([]byte{msgExtInfo, 0, 0, 0, 0}), accept}, true, 0, ""},
		"twice":           {[][]byte{told, told, accept}, false, 0, "twice"},
		"too many":        {[][]byte{packet([]byte{msgExtInfo, 0, 0, 1, 0})}, false, 0, "256 extensions"},
		"fewer than said": {[][]byte{packet([]byte{msgExtInfo, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0})}, false, 0, "cut short"},
		"more than said":  {[][]byte{packet([]byte{msgExtInfo, 0, 0, 0, 0, 1})}, false, 0, "1 bytes after"},
		"another service": {[][]byte{packet(appendString([]byte{msgServiceAccept}, "ssh-connection"))}, false, 0, "another service"},
		"refuses":         {[][]byte{refusal("publickey", 0)}, false, 0, "message 51"},
		"closes":          {nil, false, 0, "EOF"},
	} {
		all, told, err := after(t, c.says...).Service()
		if told != c.told || len(all) != c.n || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, %v, %v; want %+v", name, all, told, err, c)
		}
	}
}
