"""What figures are read from: processes, RPCs, stored runs and documents."""
