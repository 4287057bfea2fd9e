package checks

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/sshkex"
)

// Algorithms is the fact of ssh.algorithms. Where the lists of the two
// directions differ, a name is here that stands in either. The names that are
// no algorithm but a mark (strict key exchange, extension info) are in fields
// of their own.
type Algorithms struct {
	Kex           []string                   `json:"kex" vi:"các thuật toán trao đổi khóa" en:"key exchange algorithms"`
	HostKeys      []string                   `json:"host_keys" vi:"các thuật toán khóa máy chủ" en:"host key algorithms"`
	Ciphers       []string                   `json:"ciphers" vi:"các thuật toán mã hóa" en:"ciphers"`
	MACs          []string                   `json:"macs" vi:"các thuật toán xác thực thông điệp (MAC)" en:"message authentication codes"`
	Compression   []string                   `json:"compression" vi:"các kiểu nén" en:"compression methods"`
	StrictKex     bool                       `json:"strict_kex" vi:"có trao đổi khóa nghiêm ngặt (chống Terrapin)" en:"strict key exchange (against Terrapin)"`
	Terrapin      bool                       `json:"terrapin" vi:"hở với Terrapin: có ChaCha20, hoặc CBC cùng MAC kiểu ETM, mà không có trao đổi khóa nghiêm ngặt" en:"open to Terrapin: ChaCha20, or CBC with an ETM MAC, without strict key exchange"`
	ExtInfo       bool                       `json:"ext_info" vi:"nêu dấu ext-info-s trong danh sách (có nói thật không: told)" en:"shows the mark ext-info-s in its lists (whether it really tells: told)"`
	GroupExchange bool                       `json:"group_exchange" vi:"có trao đổi nhóm Diffie-Hellman" en:"Diffie-Hellman group exchange offered"`
	FirstKey      fact.Maybe[[]HostKey]      `json:"first_key" vi:"khóa máy chủ đã chứng minh trong cùng kết nối" en:"host key proved on the same connection"`
	Told          fact.Maybe[bool]           `json:"told" vi:"đã nói thông tin mở rộng (EXT_INFO) ngay sau khi đổi khóa" en:"told its extensions (EXT_INFO) right after the key exchange"`
	Extensions    fact.Maybe[[]SSHExtension] `json:"extensions" vi:"thông tin mở rộng đã nói" en:"extensions told"`
}

// SSHExtension is one extension as it was told; values that are no text are
// quoted, and long ones cut.
type SSHExtension struct {
	Name  string `json:"name" vi:"tên" en:"name"`
	Value string `json:"value" vi:"giá trị" en:"value"`
}

const (
	sigAlgs      = "server-sig-algs"
	maxExtension = 2 << 10 // bytes of a value that are kept
)

// SSHAlgorithms reads what an SSH server offers before any key is agreed on.
// The connection then goes on to a whole key exchange, so that what comes with
// one need not be asked for on others: a host key and the extensions.
var SSHAlgorithms = define(Check{
	ID:     "ssh.algorithms",
	Refs:   []string{"RFC 4253 §7.1", "RFC 8308 §2", "CVE-2023-48795"},
	Speaks: inventory.OverSSH,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Algorithms, error) {
	var k sshkex.KexInit
	var f Algorithms
	read := false
	err := p.converse(ctx, p.Endpoint.Address(), func(_ context.Context, conn net.Conn) (err error) {
		var s *sshkex.Session
		if s, k, err = p.kexInit(conn); err != nil {
			return err
		}
		read = true
		return f.goOn(p, s, k)
	})
	if !read {
		return Algorithms{}, err
	}
	f.miss(err)
	f.Kex, f.HostKeys = k.Methods(), k.HostKeys
	f.Ciphers, f.MACs, f.Compression = sshkex.Either(k.Ciphers), sshkex.Either(k.MACs), sshkex.Either(k.Compression)
	f.StrictKex, f.ExtInfo = k.Strict(), slices.Contains(k.Kex, sshkex.ExtInfo)
	f.Terrapin, f.GroupExchange = openToTerrapin(k), k.GroupExchange() != ""
	return f, nil
})

// goOn exchanges keys and asks for the service of logging in, which is where
// the extensions are told, and goes no further.
func (f *Algorithms) goOn(p *Probe, s *sshkex.Session, k sshkex.KexInit) error {
	key, proof, err := prove(s, k, firstKey(k.HostKeys))
	if err != nil {
		return err
	}
	f.FirstKey = fact.Known([]HostKey{key})
	if err := s.Seal(proof); err != nil {
		return err
	}
	all, told, err := s.Service()
	if err != nil {
		return err
	}
	out := []SSHExtension{}
	for _, e := range all {
		if _, err := e.Names(); e.Name == sigAlgs && (err != nil || len(e.Value) > maxExtension) {
			return unanswered("a malformed list of signature algorithms")
		}
		out = append(out, SSHExtension{unanswered(e.Name).Detail, plainValue(e.Value)})
	}
	f.Told, f.Extensions = fact.Known(told), fact.Known(out)
	p.Note("extensions, decrypted", fmt.Appendf(nil, "%q", all))
	return nil
}

// miss says of all that has not come why.
func (f *Algorithms) miss(err error) {
	if err == nil {
		return
	}
	u := fact.FromError(err)
	if _, unseen := f.FirstKey.Get(); unseen != nil {
		f.FirstKey = fact.Not[[]HostKey](u)
	}
	f.Told, f.Extensions = fact.Not[bool](u), fact.Not[[]SSHExtension](u)
}

// plainValue gives the value of an extension on one line. Most are lists of
// names, which are kept whole up to a bound.
func plainValue(v string) string {
	for i := range len(v) {
		if v[i] < ' ' || v[i] > '~' {
			v = strconv.QuoteToASCII(v)
			break
		}
	}
	return v[:min(len(v), maxExtension)]
}

// openToTerrapin tells whether CVE-2023-48795 can be used on a client that
// wants no better than the server: by what is offered in one direction.
func openToTerrapin(k sshkex.KexInit) bool {
	if k.Strict() {
		return false
	}
	for i := range k.Ciphers {
		cbc := slices.ContainsFunc(k.Ciphers[i], func(c string) bool { return strings.Contains(c, "-cbc") })
		etm := slices.ContainsFunc(k.MACs[i], func(m string) bool { return strings.Contains(m, "-etm@") })
		if slices.Contains(k.Ciphers[i], "chacha20-poly1305@openssh.com") || cbc && etm {
			return true
		}
	}
	return false
}
