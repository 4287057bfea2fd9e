// Command sansang-nuclei is the template worker of sansang. It is started by
// sansang and by nobody else.
package main

import (
	"fmt"
	"os"

	_ "github.com/sansang/sansang/internal/nuclei"
)

func main() {
	fmt.Fprintln(os.Stderr, "sansang-nuclei is started by sansang")
	os.Exit(2)
}
