"""The pipeline that a team would write by hand after the tutorials of TFX and of TFRS."""
