package lab

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"errors"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

const request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

var hostileProofs = map[string]func(*testing.T, *Server){
	"closes": func(t *testing.T, s *Server) {
		c := dial(t, s)
		send(t, c, []byte(request))
		if got := readAll(t, c); got != "" {
			t.Errorf("says %q", got)
		}
	},
	"resets": func(t *testing.T, s *Server) {
		c := dial(t, s)
		send(t, c, []byte(request))
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("error %v", err)
		}
		silent := dial(t, s)
		if _, err := silent.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("error for a silent client: %v", err)
		}
	},
	"never-answers": silent,
	"tcp-open":      silent,
	"one-byte-a-second": func(t *testing.T, s *Server) {
		for say, want := range map[string]string{request: "HT", "SSH-2.0-x\r\n": "SS", "\x16\x03\x01": "\x16\x03"} {
			c := dial(t, s)
			send(t, c, []byte(say))
			begin := time.Now()
			if got := readN(t, c, 2); string(got) != want || time.Since(begin) < 900*time.Millisecond {
				t.Errorf("to %q: %q after %v", say, got, time.Since(begin))
			}
		}
	},
	"garbage": func(t *testing.T, s *Server) {
		c := dial(t, s)
		first := readN(t, c, 1<<20)
		if bytes.Equal(first[:1<<19], first[1<<19:]) || first[0] == recordHandshake || first[0] == recordAlert {
			t.Error("not random, or like a TLS record")
		}
	},
	"dies-midway": func(t *testing.T, s *Server) {
		for range 3 {
			if resp, _ := get(t, "https://"+s.AddrPort.String()); resp.StatusCode != 200 {
				t.Errorf("status %d", resp.StatusCode)
			}
		}
		if _, err := net.Dial("tcp", s.AddrPort.String()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("fourth connect: %v", err)
		}
	},
	"redirect-endless": func(t *testing.T, s *Server) {
		seen := map[string]bool{}
		url := "http://" + s.AddrPort.String()
		for range 20 {
			resp, _ := get(t, url)
			next := resp.Header.Get("Location")
			if resp.StatusCode != 302 || seen[next] {
				t.Fatalf("status %d to %q", resp.StatusCode, next)
			}
			seen[next] = true
			url = "http://" + s.AddrPort.String() + next
		}
	},
	"redirect-outside": func(t *testing.T, s *Server) {
		resp, _ := get(t, "http://"+s.AddrPort.String())
		if resp.StatusCode != 302 || resp.Header.Get("Location") != "http://198.51.100.7/" {
			t.Errorf("status %d to %q", resp.StatusCode, resp.Header.Get("Location"))
		}
	},
	"gzip-bomb": func(t *testing.T, s *Server) {
		tr := &http.Transport{DisableKeepAlives: true}
		resp, err := (&http.Client{Transport: tr}).Get("http://" + s.AddrPort.String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		if n, err := io.CopyN(io.Discard, resp.Body, 64<<20); !resp.Uncompressed || err != nil {
			t.Errorf("unpacked %d bytes, %v", n, err)
		}
	},
	"header-10mb": func(t *testing.T, s *Server) {
		c := dial(t, s)
		send(t, c, []byte(request))
		all := readAll(t, c)
		head, body, ok := strings.Cut(all, "\r\n\r\n")
		if !ok || len(head) < 10<<20 || body != "ok\n" {
			t.Errorf("head of %d bytes, body %q", len(head), body)
		}
		if _, err := http.Get("http://" + s.AddrPort.String()); err == nil {
			t.Error("net/http takes it")
		}
		http.DefaultClient.CloseIdleConnections()
	},
	"endless-body": func(t *testing.T, s *Server) {
		c := dial(t, s)
		send(t, c, []byte(request))
		if got := readN(t, c, 1<<20); !bytes.Contains(got, []byte("\r\n\r\n<!DOCTYPE html>")) || !bytes.HasSuffix(bytes.TrimRight(got, "<p"), []byte(">")) {
			t.Errorf("begins %q", got[:60])
		}
	},
	"endless-headers": func(t *testing.T, s *Server) {
		c := dial(t, s)
		send(t, c, []byte(request))
		got := readN(t, c, 1<<20)
		if bytes.Contains(got, []byte("\r\n\r\n")) || !bytes.HasPrefix(got, []byte("HTTP/1.1 200 OK\r\nX-Header-0: 0\r\n")) {
			t.Errorf("begins %q", got[:60])
		}
	},
	"cert-5mb": func(t *testing.T, s *Server) {
		_, err := tls.Dial("tcp", s.AddrPort.String(), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12})
		if err == nil || !strings.Contains(err.Error(), "handshake message of length 52") {
			t.Errorf("crypto/tls says %v", err)
		}
		c := dial(t, s)
		send(t, c, helloRecord(versionTLS12, 0x1301, 0xc02f))
		kinds, sizes := handshakes(t, c)
		if !bytes.Equal(kinds, []byte{msgServerHello, msgCertificate, msgHelloDone}) || sizes[1] < 5<<20-2000 {
			t.Errorf("messages %v of %v bytes", kinds, sizes)
		}
	},
	"tls-garbage": func(t *testing.T, s *Server) {
		c := dial(t, s)
		send(t, c, helloRecord(versionTLS12, 0xc02b))
		if got := readN(t, c, 5+512); !bytes.HasPrefix(got, []byte{22, 3, 3, 2, 0}) || got[5] == msgServerHello {
			t.Errorf("begins % x", got[:8])
		}
		if _, err := tls.Dial("tcp", s.AddrPort.String(), &tls.Config{InsecureSkipVerify: true}); err == nil {
			t.Error("crypto/tls takes it")
		}
	},
	"ssh-endless-banner": func(t *testing.T, s *Server) {
		if got := readN(t, dial(t, s), 1<<20); bytes.Contains(got, []byte("SSH-")) {
			t.Error("a greeting came")
		}
	},
	"ssh-huge-kexinit": func(t *testing.T, s *Server) {
		c := dial(t, s)
		r := bufio.NewReader(c)
		if line, err := r.ReadString('\n'); err != nil || line != "SSH-2.0-OpenSSH_9.9\r\n" {
			t.Fatalf("greeting %q, %v", line, err)
		}
		send(t, c, []byte("SSH-2.0-lab_test\r\n"))
		if got := readN(t, r, 7); !bytes.Equal(got[:6], []byte{0x7f, 0xff, 0xff, 0xff, 4, 20}) {
			t.Errorf("packet % x", got)
		}
	},
}

// silent proves that nothing comes and the connection stays.
func silent(t *testing.T, s *Server) {
	c := dial(t, s)
	send(t, c, []byte(request))
	_ = c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if n, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// handshakes reads records to the end of the stream and gives the types and
// sizes of the handshake messages in them.
func handshakes(t *testing.T, r io.Reader) (kinds []byte, sizes []int) {
	t.Helper()
	var stream bytes.Buffer
	all := []byte(readAll(t, r))
	for len(all) > 0 {
		n := int(all[3])<<8 | int(all[4])
		if all[0] != recordHandshake || n > maxRecord {
			t.Fatalf("record % x", all[:5])
		}
		stream.Write(all[5 : 5+n])
		all = all[5+n:]
	}
	for b := stream.Bytes(); len(b) > 0; {
		n := int(b[1])<<16 | int(b[2])<<8 | int(b[3])
		kinds, sizes = append(kinds, b[0]), append(sizes, n)
		b = b[4+n:]
	}
	return kinds, sizes
}

// TestBombIsSound unpacks a small bomb to its very end, checksum and all, and
// reckons the checksum of the large one.
func TestBombIsSound(t *testing.T) {
	const mebibytes = 3
	small := bomb{mebibytes, crc32.ChecksumIEEE(make([]byte, mebibytes<<20))}
	var packed bytes.Buffer
	head, block, tail := small.parts()
	if err := small.write(&packed, head, block, tail); err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(&packed)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, z); n != mebibytes<<20 || err != nil {
		t.Errorf("unpacked %d bytes, %v", n, err)
	}
	if testing.Short() {
		return
	}
	var crc uint32
	zeros := make([]byte, 1<<20)
	for range 10 << 10 {
		crc = crc32.Update(crc, crc32.IEEETable, zeros)
	}
	if crc != zerosCRC {
		t.Errorf("zerosCRC is %#x, want %#x", zerosCRC, crc)
	}
}
