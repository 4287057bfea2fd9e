package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

const nationDocument = "Văn bản thực hành của sansang, không phải văn bản thật.\n"

// writeNation writes a folder with a file of each unit.
func writeNation(dir string, nation []nationUnit, caPEM []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	attested, err := attestable()
	if err != nil {
		return err
	}
	files := map[string][]byte{"van-ban.txt": []byte(nationDocument), "lab-ca.pem": caPEM}
	for _, u := range nation {
		files[u.ID+".yaml"] = u.file(attested)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// file is the unit file.
func (u nationUnit) file(attested []string) []byte {
	var b strings.Builder
	day := func(n int) string { return time.Now().In(inventory.Vietnam).AddDate(0, 0, n).Format(time.DateOnly) }
	sum := digest([]byte(nationDocument))
	fmt.Fprintf(&b, "unit: {id: %q, name: %q, kind: %s", u.ID, u.Name, u.Kind)
	if u.Parent != "" {
		fmt.Fprintf(&b, ", parent: %s", u.Parent)
	}
	b.WriteString("}\nsystems: [{id: mot-cua, name: Hệ thống một cửa, level: 3, purpose: Giải quyết thủ tục hành chính}]\nendpoints:\n")
	for _, e := range u.Endpoints {
		fmt.Fprintf(&b, "  - {id: %s, target: %q, kind: %s, zone: %s", e.ID, e.Target(), e.Kind, map[string]string{"https": "internet", "ssh": "admin", "smtp": "internet"}[e.Kind])
		if e.Plain > 0 {
			fmt.Fprintf(&b, ", plain: \"http://%s:%d/\"", e.At, e.Plain)
		}
		b.WriteString("}\n")
	}
	fmt.Fprintf(&b, "domains: []\ntrusted_cas: [lab-ca.pem]\nauthorisation: {by: Người thử, document: van-ban.txt, sha256: %s, from: %s, until: %s, scope: {cidrs: [%s]}}\n", sum, day(-1), day(7), u.Network)
	if u.Whole {
		fmt.Fprintf(&b, "hosts: [{cidr: %s/32, zone: internet, ports: [22, 25, 80, 443]}]\nattestations:\n", u.host())
		for _, id := range attested {
			fmt.Fprintf(&b, "  - {requirement: %s, document: van-ban.txt, sha256: %s, issued: %s, signer: Người thử}\n", id, sum, day(-3))
		}
	}
	return []byte(b.String())
}
