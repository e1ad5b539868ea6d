package kernel

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestGODEBUGForbidsVectors(t *testing.T) {
	if os.Getenv("PRINT_ISA") != "" {
		os.Stdout.WriteString("isa=" + Active().String() + "\n")
		return
	}
	if len(available) == 1 {
		return // nothing to forbid
	}
	run := exec.Command(os.Args[0], "-test.run=^TestGODEBUGForbidsVectors$", "-test.v")
	run.Env = append(os.Environ(), "PRINT_ISA=1", "GODEBUG=cpu.avx2=off")
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "isa=portable") {
		t.Errorf("with vectors off: %s", out)
	}
}
