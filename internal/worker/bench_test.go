package worker

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/jobs"
)

// BenchmarkAsk is what a run costs on our side, and what the worker takes to
// say nothing: eight at a time on one target.
func BenchmarkAsk(b *testing.B) {
	p := pool(b, "fake")
	s := p.Open(jobs.Target{Host: "127.0.0.1", Addr: "127.0.0.1", Port: 1}, direct)
	t := word("ok " + strings.Repeat("x", 2<<10))
	t.SHA256 = "ok"
	b.ReportAllocs()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Run(context.Background(), t); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkRelay is a connection of the worker that asks once: its line, its
// question and an answer of two kilobytes.
func BenchmarkRelay(b *testing.B) {
	page, asked := []byte(strings.Repeat("x", 2<<10)), make([]byte, 1<<10)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			_, _ = c.Read(asked)
			_, _ = c.Write(page)
			_ = c.Close()
		}
	}()
	p := pool(b, "fake")
	s := p.Open(to(b, "http", l.Addr()), direct)
	if err := p.Start(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	buf := make([]byte, jobs.MostFrame)
	for b.Loop() {
		c, err := net.Dial("unix", p.current.socket.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		_ = json.NewEncoder(c).Encode(jobs.Dial{Targets: []int{s.target.ID}})
		_, _ = c.Read(buf[:3]) // {}
		_, _ = c.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
		for got := []byte("x"); len(got) > 0; {
			if got, err = jobs.ReadFrame(c, buf); err != nil {
				b.Fatal(err)
			}
		}
		_ = c.Close()
	}
}
