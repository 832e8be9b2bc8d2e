import django.db.models.deletion
from django.db import migrations, models


def all_were_told(apps, schema_editor):
    """Nobody hears again of what they were reminded of before this was noted."""
    F = models.F
    apps.get_model('cases', 'Reminder').objects.filter(recorded_at__isnull=False).update(told_at=F('recorded_at'))
    apps.get_model('cases', 'WritebackReminder').objects.update(told_at=F('at'))


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0014_planned_cases'),
        ('conversations', '0002_initial'),
        ('people', '0006_promotion_stopped'),
    ]

    operations = [
        migrations.AddField(
            model_name='reminder',
            name='told_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='waitingitem',
            name='stands_in_for',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staffmember', verbose_name='in the place of'),
        ),
        migrations.AddField(
            model_name='writebackreminder',
            name='told_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunPython(all_were_told, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(condition=models.Q(('told_at__isnull', True)), fields=['recipient'], name='reminder_to_tell'),
        ),
        migrations.AddIndex(
            model_name='waitingitem',
            index=models.Index(condition=models.Q(('closed_at__isnull', True), ('stands_in_for__isnull', False)), fields=['stands_in_for'], name='wait_to_give_back'),
        ),
    ]
