package checks

import (
	"context"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// ExtInfo is the fact of ssh.ext_info.
type ExtInfo struct {
	Told       bool     `json:"told" vi:"máy chủ nói thông tin mở rộng" en:"the server tells its extensions"`
	Names      []string `json:"names" vi:"tên các mở rộng" en:"names of the extensions"`
	Signatures []string `json:"server_sig_algs" vi:"thuật toán ký mà máy chủ nêu cho việc đăng nhập bằng khóa (server-sig-algs)" en:"signature algorithms that the server names for log-in by key (server-sig-algs)"`
}

// SSHExtInfo reads the extensions that ssh.algorithms was told of.
var SSHExtInfo = define(Check{
	ID:       "ssh.ext_info",
	Refs:     []string{"RFC 8308 §2.3", "RFC 8308 §3.1", "OpenSSH PROTOCOL §1.8"},
	Speaks:   inventory.OverSSH,
	Touch:    Passive,
	Known:    fact.Observed,
	Requires: []*Check{SSHAlgorithms},
}, func(_ context.Context, p *Probe) (ExtInfo, error) {
	seen := Read[Algorithms](p, SSHAlgorithms)
	f := ExtInfo{Names: []string{}, Signatures: []string{}}
	all, u := seen.Extensions.Get()
	if u != nil {
		return f, u
	}
	f.Told = fact.Is(seen.Told, true)
	for _, e := range all {
		if slices.Contains(f.Names, e.Name) {
			return f, unanswered("the extension " + e.Name + " is told twice")
		}
		f.Names = append(f.Names, e.Name)
		if e.Name == sigAlgs && e.Value != "" {
			f.Signatures = strings.Split(e.Value, ",")
		}
	}
	return f, nil
})
