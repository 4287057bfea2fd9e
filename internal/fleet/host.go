//go:build !linux

package fleet

import "os"

// hostName names the machine.
func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "?"
	}
	return name
}

// running cannot be told of a worker elsewhere, and two machines may have one
// name: a worker that was killed is known here by its silence alone.
func running(int) bool { return true }
