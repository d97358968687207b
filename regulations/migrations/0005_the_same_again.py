"""Two of one type may be open: the later was asked for while an undoing of the earlier was open, which it cancelled."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("regulations", "0004_look_quickly")]

    operations = [migrations.RemoveConstraint(model_name="regulation", name="regulation_one_open_of_type")]
